import { join } from "node:path";
import { isObject } from "../../../local-cloud/support/json.ts";
import { check } from "../check.ts";
import { listBlobFiles, listDataFolder } from "../data-folder.ts";
import { countStagedBytes, formatMib, listStagedFiles, MIB, readFreeBytes } from "../figures.ts";
import { requireNone } from "../report.ts";
import { type StartedServer, startSoakServer } from "../servers.ts";
import { type HttpResponse, requireStatus, sendRequest } from "../support/client.ts";
import { createContent } from "../support/content.ts";
import { Filler } from "../support/filler.ts";
import { createImage } from "../support/images.ts";
import { Journal } from "../support/journal.ts";
import { pushBlob, pushManifest, UPLOAD_FORMS, type UploadForm } from "../support/push.ts";
import { performPush } from "../support/pushers.ts";
import { enlarge, type Volume } from "../volumes.ts";

const REPOSITORY = "soak/full";
const SPARE_BYTES = 24 * MIB;
const KIB = 1024;

/** A registry on a small disk, and the cases that fill the disk. */
export class FullDisk {
  readonly #volume: Volume;
  readonly #seed: string;
  readonly #filler: Filler;
  readonly #journal = new Journal();
  readonly #problems: string[] = [];
  #server: StartedServer;

  private constructor(volume: Volume, seed: string, server: StartedServer) {
    this.#volume = volume;
    this.#seed = seed;
    this.#server = server;
    this.#filler = new Filler(volume.path);
  }

  /** Starts a registry with one image, runs a case, and verifies the content afterwards. @returns figures */
  static async use(volume: Volume, seed: string, run: (disk: FullDisk) => Promise<string>): Promise<string> {
    const data = join(volume.path, "data");
    const disk = new FullDisk(volume, seed, await startSoakServer(data, { log: "nothing" }));
    try {
      await disk.#pushBase();
      const figures = await run(disk);
      await disk.#verify("at the end");
      await disk.#server.stop();
      await disk.#verifyDataFolder();
      return requireNone(disk.#problems, figures);
    } finally {
      await disk.#server.stop("SIGKILL");
    }
  }

  /** Verifies that a blob larger than the disk is rejected in each form, and that its space is freed. */
  async tooLarge(): Promise<string> {
    const statuses: string[] = [];
    for (const style of UPLOAD_FORMS) {
      const before = await readFreeBytes(this.#volume.path);
      const response = await this.#tryBlob(`large/${style}`, 72 * MIB, style);
      if (response !== undefined) this.#requireRejection(response, style);
      statuses.push(`${style} ${response?.status ?? "cut off"}`);
      await this.#cancelSessions(style);
      const lost = before - (await readFreeBytes(this.#volume.path));
      if (lost > MIB) this.#problems.push(`${style}: ${formatMib(lost)} are not freed`);
      await this.#verify(`after ${style}`);
      const small = await this.#tryBlob(`small/${style}`, 100 * KIB, style);
      if (small?.status !== 201)
        this.#problems.push(`after ${style} a push of a small blob returned ${small?.status}`);
    }
    return statuses.join(", ");
  }

  /** Pushes until each form has been rejected, and verifies that each succeeds after space was freed. */
  async fillWithBlobs(): Promise<string> {
    await this.#filler.leave((await readFreeBytes(this.#volume.path)) - SPARE_BYTES);
    const rejected = new Map<UploadForm, number>();
    let count = 0;
    for (; rejected.size < UPLOAD_FORMS.length && count < 200; count++) {
      const style = UPLOAD_FORMS[count % UPLOAD_FORMS.length] ?? "put";
      const response = await this.#tryBlob(`fill/${count}`, 3 * MIB, style);
      if (response?.status === 201) continue;
      rejected.set(style, count);
      if (response !== undefined) this.#requireRejection(response, style);
      await this.#cancelSessions(style);
    }
    if (rejected.size < UPLOAD_FORMS.length) this.#problems.push("not every form was rejected");
    await this.#verify("when full");
    await this.#makeSpace();
    for (const [style, index] of rejected) {
      const response = await this.#tryBlob(`fill/${index}`, 3 * MIB, style);
      if (response?.status !== 201)
        this.#problems.push(`after space was freed, ${style} returned ${response?.status}`);
    }
    return `${count - rejected.size} of 3 MiB stored, then each form rejected; after space was freed, each stored`;
  }

  /** Pushes manifests until the record store is full: a write is rejected, or uses space that was freed before. */
  async fillWithManifests(): Promise<string> {
    const { stored, status } = await this.#fillRecords();
    await this.#tryOtherWrites();
    await this.#verify("when full");
    await this.#server.stop();
    this.#server = await startSoakServer(this.#server.data, { log: "nothing" });
    await this.#verify("after a restart when full");
    await this.#makeSpace();
    const after = await this.#tryManifest(stored);
    if (after !== 201) this.#problems.push(`after space was freed, the push of a manifest returned ${after}`);
    await this.#server.stop();
    this.#server = await startSoakServer(this.#server.data, { log: "nothing" });
    return `${stored} manifests stored, then ${status}; restarted in ${this.#server.startMs.toFixed(0)} ms; after space was freed ${after}`;
  }

  /** Frees a little more space before each push: it suffices for a blob's bytes long before it does for its records, too. */
  async leaveLittle(): Promise<string> {
    await this.#fillRecords();
    const statuses: Record<string, number> = {};
    const rejected = new Map<string, UploadForm>();
    for (let attempt = 0; attempt < 40; attempt++) {
      await this.#filler.release(4 * KIB);
      const style = UPLOAD_FORMS[attempt % UPLOAD_FORMS.length] ?? "put";
      const response = await this.#tryBlob(`little/${attempt}`, 4 * KIB, style);
      const status = String(response?.status ?? "cut off");
      statuses[status] = (statuses[status] ?? 0) + 1;
      if (response?.status === 201) continue;
      rejected.set(`little/${attempt}`, style);
      if (response !== undefined) this.#requireRejection(response, style);
    }
    await this.#makeSpace();
    await this.#cancelSessions("chunks");
    const unlinked = await this.#countUnlinked(rejected.keys());
    for (const [seed, style] of rejected) {
      const response = await this.#tryBlob(seed, 4 * KIB, style);
      if (response?.status !== 201)
        this.#problems.push(`after space was freed, ${style} returned ${response?.status}`);
    }
    const counts = Object.entries(statuses).map(([status, count]) => `${count} times ${status}`);
    return `40 blobs with 4 KiB more each time: ${counts.join(", ")}; the files of ${unlinked} rejected blobs had no link until they were pushed again`;
  }

  /** Counts the blobs whose bytes were stored before their records were rejected. They only occupy space. */
  async #countUnlinked(seeds: Iterable<string>): Promise<number> {
    const files = await listBlobFiles(this.#server.data);
    const digests = Array.from(seeds, (seed) => createContent(`${this.#seed}/${seed}`, 4 * KIB).digest);
    return digests.filter((digest) => files.includes(digest)).length;
  }

  async #pushBase(): Promise<void> {
    const config = createContent(`${this.#seed}/config`, 500);
    const layers = [createContent(`${this.#seed}/layer`, MIB)];
    const job = {
      repository: REPOSITORY,
      tag: "base",
      manifest: createImage(config, layers),
      style: "put",
    } as const;
    await performPush(this.#server.url, job, this.#journal);
  }

  /** Pushes a blob. @returns undefined when the connection ended without a response */
  async #tryBlob(seed: string, size: number, style: UploadForm): Promise<HttpResponse | undefined> {
    const blob = createContent(`${this.#seed}/${seed}`, size);
    const target = { url: this.#server.url, repository: REPOSITORY };
    const response = await pushBlob(target, blob, style).catch((error: unknown) =>
      this.#reportCutOff(style, error),
    );
    const entry = this.#journal.blob(REPOSITORY, blob);
    if (response?.status === 201) entry.stored = true;
    if (!entry.stored) await this.#requireUnknown(blob.digest, style);
    return response;
  }

  /** Pushes manifests until even the space that deleted records left is used. */
  async #fillRecords() {
    await this.#filler.leave(0);
    let stored = 0;
    let status = await this.#tryManifest(stored);
    while (status === 201 && stored < 20_000) status = await this.#tryManifest(++stored);
    if (status === 201) this.#problems.push("no manifest was rejected");
    return { stored, status };
  }

  /** Pushes a manifest that is larger for a larger number. @returns the status, or undefined without a response */
  async #tryManifest(number: number): Promise<number | undefined> {
    const base = [...this.#journal.manifests.values()][0]?.manifest;
    if (base === undefined) throw new Error("the journal has no manifest");
    const [config, ...layers] = base.blobs;
    if (config === undefined) throw new Error("the image has no config");
    const manifest = createImage(config, layers, 2000 + number);
    const entry = this.#journal.manifest(REPOSITORY, manifest);
    const target = { url: this.#server.url, repository: REPOSITORY };
    const tag = `m${number % 3}`;
    const confirm = this.#journal.startTagMove(REPOSITORY, tag, manifest.digest);
    const response = await pushManifest(target, manifest, tag).catch((error: unknown) =>
      this.#reportCutOff("a manifest", error),
    );
    if (response?.status === 201) {
      entry.stored = true;
      confirm();
    } else if (response !== undefined) this.#requireRejection(response, "a manifest");
    return response?.status;
  }

  /** Sends the other requests that write records, and verifies that each gets a response: success or a rejection. */
  async #tryOtherWrites(): Promise<void> {
    const { url } = this.#server;
    const [blob] = this.#journal.blobs.values();
    const calls = [
      ["POST", `/v2/${REPOSITORY}/blobs/uploads/`],
      ["POST", `/v2/soak/other/blobs/uploads/?mount=${blob?.content.digest}&from=${REPOSITORY}`],
      ["DELETE", `/v2/${REPOSITORY}/blobs/sha256:${"0".repeat(64)}`],
    ] as const;
    for (let round = 0; round < 20; round++) {
      for (const [method, path] of calls) {
        const response = await sendRequest(`${url}${path}`, { method }).catch((error: unknown) =>
          this.#reportCutOff(`${method} ${path}`, error),
        );
        if (response !== undefined && response.status >= 500)
          this.#requireRejection(response, `${method} ${path}`);
      }
    }
    await this.#cancelSessions("other writes");
  }

  #reportCutOff(what: string, error: unknown): undefined {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause.message : "";
    this.#problems.push(`${what}: ${error} (${cause})`);
  }

  /** Verifies that a response is a 507 with an error body of the spec. */
  #requireRejection({ status, headers, body }: HttpResponse, what: string): void {
    if (status !== 507) this.#problems.push(`${what}: returned ${status} instead of 507`);
    const isJson = headers["content-type"] === "application/json";
    if (!isJson || !isErrorBody(body))
      this.#problems.push(`${what}: ${status} without the spec's error body`);
  }

  async #requireUnknown(digest: string, what: string): Promise<void> {
    const head = await sendRequest(`${this.#server.url}/v2/${REPOSITORY}/blobs/${digest}`, {
      method: "HEAD",
    });
    if (head.status !== 404)
      this.#problems.push(`${what}: HEAD of the rejected blob returned ${head.status}`);
  }

  /** Cancels the sessions that have staged bytes. Only an upload in chunks may have any: its session was acknowledged with 202. */
  async #cancelSessions(what: string): Promise<void> {
    const held = await countStagedBytes(this.#server.data);
    if (held > 0 && what !== "chunks") this.#problems.push(`${what}: ${held} bytes are still staged`);
    for (const { name } of await listStagedFiles(this.#server.data)) {
      const url = `${this.#server.url}/v2/${REPOSITORY}/blobs/uploads/${name}`;
      const response = await sendRequest(url, { method: "DELETE" });
      if (response.status !== 204 && response.status < 500) {
        this.#problems.push(`${what}: ${name} is staged, but its session returned ${response.status}`);
      }
    }
  }

  async #makeSpace(): Promise<void> {
    await this.#filler.remove();
    await enlarge(this.#volume);
  }

  async #verify(when: string): Promise<void> {
    const { problems } = await check(this.#server.url, this.#journal);
    this.#problems.push(...problems.map((problem) => `${when}: ${problem}`));
    requireStatus(await sendRequest(`${this.#server.url}/v2/`), 200);
  }

  async #verifyDataFolder(): Promise<void> {
    const { unlinked } = await listDataFolder(this.#server.data, [REPOSITORY, "soak/other"]);
    if (unlinked.length > 0)
      this.#problems.push(`${unlinked.length} files of blobs that no repository links to`);
  }
}

function isErrorBody(body: Buffer): boolean {
  try {
    const json: unknown = JSON.parse(body.toString());
    const errors = isObject(json) && Array.isArray(json["errors"]) ? json["errors"] : [];
    return (
      errors.length > 0 && errors.every((item: unknown) => isObject(item) && typeof item["code"] === "string")
    );
  } catch {
    return false;
  }
}
