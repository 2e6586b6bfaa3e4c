import { isObject } from "../../local-cloud/support/json.ts";
import { call, download } from "./support/client.ts";
import { digestOfBytes } from "./support/content.ts";

/** Content that a registry serves, verified over HTTP; each blob is read once. */
export class Served {
  readonly problems: string[] = [];
  readonly digests = new Set<string>();
  blobs = 0;
  bytes = 0;
  manifests = 0;
  readonly #url: string;
  readonly #allowsSparse: boolean;
  readonly #seen = new Map<string, Promise<boolean>>();

  /** @param allowsSparse whether an index may name missing manifests */
  constructor(url: string, { allowsSparse = false } = {}) {
    this.#url = url;
    this.#allowsSparse = allowsSparse;
  }

  /** Returns whether the blob exists. @throws Error when it is wrong */
  blob(repository: string, digest: string): Promise<boolean> {
    return this.#once(`${repository}@${digest}`, () => this.#readBlob(repository, digest));
  }

  /** Returns whether the manifest with the digest exists. @throws Error when it is incomplete */
  manifest(repository: string, digest: string): Promise<boolean> {
    return this.#once(`${repository}/${digest}`, async () => {
      return (await this.resolve(repository, digest)) !== undefined;
    });
  }

  /** @returns the digest of the manifest that a tag or a digest names; undefined when it is unknown */
  async resolve(repository: string, reference: string): Promise<string | undefined> {
    const where = `${repository} ${reference}`;
    const answer = await call(`${this.#url}/v2/${repository}/manifests/${reference}`);
    if (answer.status === 404) return undefined;
    if (answer.status !== 200) return this.#problem(`${where}: GET answered ${answer.status}`);
    const digest = digestOfBytes([answer.body]);
    if (answer.headers["docker-content-digest"] !== digest) {
      this.#problem(`${where}: the bytes are ${digest}, not what Docker-Content-Digest says`);
    }
    if (reference.includes(":") && reference !== digest) this.#problem(`${where}: the bytes are ${digest}`);
    this.manifests++;
    this.digests.add(digest);
    await this.#complete(repository, where, answer.body);
    return digest;
  }

  /** Returns all tags of a repository; none when it is unknown. */
  async tags(repository: string): Promise<readonly string[]> {
    const answer = await call(`${this.#url}/v2/${repository}/tags/list`);
    if (answer.status === 404) return [];
    const list: unknown = JSON.parse(answer.body.toString());
    return isObject(list) && Array.isArray(list["tags"]) ? list["tags"].map(String) : [];
  }

  async #readBlob(repository: string, digest: string): Promise<boolean> {
    const url = `${this.#url}/v2/${repository}/blobs/${digest}`;
    const where = `${repository} ${digest}`;
    const got = await download(url);
    const head = await call(url, { method: "HEAD" });
    if (got.status !== head.status) this.#problem(`${where}: GET ${got.status}, HEAD ${head.status}`);
    if (got.status === 404) return false;
    if (got.status !== 200) this.#problem(`${where}: GET answered ${got.status}`);
    else if (got.digest !== digest)
      this.#problem(`${where}: the bytes are ${got.digest}, ${got.size} of them`);
    if (head.headers["content-length"] !== String(got.size)) {
      this.#problem(`${where}: HEAD says ${head.headers["content-length"]} bytes, GET has ${got.size}`);
    }
    this.blobs++;
    this.bytes += got.size;
    this.digests.add(digest);
    return true;
  }

  async #complete(repository: string, where: string, body: Buffer): Promise<void> {
    const needs = needsOf(body);
    for (const digest of needs.blobs) {
      if (!(await this.blob(repository, digest))) this.#problem(`${where}: its blob ${digest} is missing`);
    }
    for (const digest of needs.children) {
      const isMissing = !(await this.manifest(repository, digest));
      if (isMissing && !this.#allowsSparse) this.#problem(`${where}: its child ${digest} is missing`);
    }
  }

  #once(key: string, look: () => Promise<boolean>): Promise<boolean> {
    const known = this.#seen.get(key) ?? look();
    this.#seen.set(key, known);
    return known;
  }

  #problem(text: string): undefined {
    this.problems.push(text);
  }
}

function needsOf(body: Buffer) {
  const json: unknown = JSON.parse(body.toString());
  if (!isObject(json)) throw new Error("a manifest is no JSON object");
  return {
    blobs: [...digestsIn([json["config"]]), ...digestsIn(json["layers"])],
    children: digestsIn(json["manifests"]),
  };
}

function digestsIn(list: unknown): readonly string[] {
  if (!Array.isArray(list)) return [];
  return list.flatMap((item: unknown) => (isObject(item) ? [String(item["digest"])] : []));
}
