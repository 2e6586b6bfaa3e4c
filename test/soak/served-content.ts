import { isObject } from "../../local-cloud/support/json.ts";
import { download, sendRequest } from "./support/client.ts";
import { digestOfBytes } from "./support/content.ts";

/** Content of a registry as its HTTP API serves it. Reads each blob once, and collects every inconsistency in `problems`. */
export class ServedContent {
  readonly problems: string[] = [];
  readonly digests = new Set<string>();
  blobs = 0;
  bytes = 0;
  manifests = 0;
  readonly #url: string;
  readonly #allowsSparse: boolean;
  readonly #checked = new Map<string, Promise<boolean>>();

  /** @param allowsSparse whether an index may have missing children */
  constructor(url: string, { allowsSparse = false } = {}) {
    this.#url = url;
    this.#allowsSparse = allowsSparse;
  }

  /** Returns whether the blob exists, and checks its bytes. */
  hasBlob(repository: string, digest: string): Promise<boolean> {
    return this.#once(`${repository}@${digest}`, () => this.#readBlob(repository, digest));
  }

  /** Returns whether the manifest with this digest exists, and checks that it is complete. */
  hasManifest(repository: string, digest: string): Promise<boolean> {
    return this.#once(`${repository}/${digest}`, async () => {
      return (await this.resolve(repository, digest)) !== undefined;
    });
  }

  /** Resolves a tag or digest to the digest of the manifest, and checks the manifest. @returns undefined when it is unknown */
  async resolve(repository: string, reference: string): Promise<string | undefined> {
    const name = `${repository} ${reference}`;
    const response = await sendRequest(`${this.#url}/v2/${repository}/manifests/${reference}`);
    if (response.status === 404) return undefined;
    if (response.status !== 200) return this.#problem(`${name}: GET returned ${response.status}`);
    const digest = digestOfBytes([response.body]);
    if (response.headers["docker-content-digest"] !== digest) {
      this.#problem(`${name}: Docker-Content-Digest differs from the digest of the bytes, ${digest}`);
    }
    if (reference.includes(":") && reference !== digest) this.#problem(`${name}: the bytes have ${digest}`);
    this.manifests++;
    this.digests.add(digest);
    await this.#checkDependencies(repository, name, response.body);
    return digest;
  }

  /** Lists the tags of a repository; none when the repository is unknown. */
  async listTags(repository: string): Promise<readonly string[]> {
    const response = await sendRequest(`${this.#url}/v2/${repository}/tags/list`);
    if (response.status === 404) return [];
    const list: unknown = JSON.parse(response.body.toString());
    return isObject(list) && Array.isArray(list["tags"]) ? list["tags"].map(String) : [];
  }

  async #readBlob(repository: string, digest: string): Promise<boolean> {
    const url = `${this.#url}/v2/${repository}/blobs/${digest}`;
    const name = `${repository} ${digest}`;
    const got = await download(url);
    const head = await sendRequest(url, { method: "HEAD" });
    if (got.status !== head.status) this.#problem(`${name}: GET ${got.status}, HEAD ${head.status}`);
    if (got.status === 404) return false;
    if (got.status !== 200) this.#problem(`${name}: GET returned ${got.status}`);
    else if (got.digest !== digest)
      this.#problem(`${name}: GET returned ${got.size} bytes with ${got.digest}`);
    if (head.headers["content-length"] !== String(got.size)) {
      this.#problem(`${name}: HEAD has ${head.headers["content-length"]} bytes, GET has ${got.size}`);
    }
    this.blobs++;
    this.bytes += got.size;
    this.digests.add(digest);
    return true;
  }

  async #checkDependencies(repository: string, name: string, body: Buffer): Promise<void> {
    const dependencies = dependenciesOf(body);
    for (const digest of dependencies.blobs) {
      if (!(await this.hasBlob(repository, digest))) this.#problem(`${name}: its blob ${digest} is missing`);
    }
    for (const digest of dependencies.children) {
      const isMissing = !(await this.hasManifest(repository, digest));
      if (isMissing && !this.#allowsSparse) this.#problem(`${name}: its child ${digest} is missing`);
    }
  }

  #once(key: string, check: () => Promise<boolean>): Promise<boolean> {
    const result = this.#checked.get(key) ?? check();
    this.#checked.set(key, result);
    return result;
  }

  #problem(text: string): undefined {
    this.problems.push(text);
  }
}

function dependenciesOf(body: Buffer) {
  const json: unknown = JSON.parse(body.toString());
  if (!isObject(json)) throw new Error("manifest invalid: it must be a JSON object");
  return {
    blobs: [...digestsIn([json["config"]]), ...digestsIn(json["layers"])],
    children: digestsIn(json["manifests"]),
  };
}

function digestsIn(list: unknown): readonly string[] {
  if (!Array.isArray(list)) return [];
  return list.flatMap((item: unknown) => (isObject(item) ? [String(item["digest"])] : []));
}
