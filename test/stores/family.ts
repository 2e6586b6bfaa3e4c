import type { App, HttpRequest, HttpResponse } from "../../lib/http/message.ts";
import { type Content, generateBytes } from "../soak/support/content.ts";
import type { Manifest } from "../soak/support/images.ts";

/**
 * The two ways in which clients push blobs. `put`: containerd, Docker since 29, BuildKit, oras, helm, regctl. `patch`:
 * older Docker, podman, buildah, skopeo, crane, cosign, Jib.
 */
export type Family = "put" | "patch";

/** Client that sends the requests of a family directly to the application. */
export class FamilyClient {
  readonly #app: App;
  readonly #name: string;

  constructor(app: App, name: string) {
    this.#app = app;
    this.#name = name;
  }

  async push(image: Manifest, tag: string, family: Family): Promise<void> {
    for (const blob of image.blobs) await this.pushBlob(blob, family);
    await this.send("HEAD", `manifests/${tag}`, [404, 200]);
    await this.putManifest(image, tag);
  }

  async pushBlob(blob: Content, family: Family): Promise<void> {
    const head = await this.send("HEAD", `blobs/${blob.digest}`, [404, 200]);
    if (head.status === 200) return;
    const session = await this.begin();
    const content = requestOf(blob);
    if (family === "patch") await this.send("PATCH", session, [202], content);
    await this.send("PUT", `${session}?digest=${blob.digest}`, [201], family === "put" ? content : {});
  }

  /** Pulls like most clients: HEAD of the tag, then GET of the manifest by digest. */
  async pull({ blobs, digest }: Manifest, tag: string): Promise<void> {
    await this.send("HEAD", `manifests/${tag}`, [200]);
    await this.send("GET", `manifests/${digest}`, [200]);
    for (const blob of blobs) await this.send("GET", `blobs/${blob.digest}`, [307]);
  }

  get(path: string, status = 200): Promise<HttpResponse> {
    return this.send("GET", path, [status]);
  }

  head(path: string): Promise<HttpResponse> {
    return this.send("HEAD", path, [200]);
  }

  /** Starts a session. @returns its path */
  async begin(): Promise<string> {
    const begun = await this.send("POST", "blobs/uploads/", [202]);
    return `blobs/uploads/${(begun.headers["location"] ?? "").split("/").at(-1)}`;
  }

  putManifest({ bytes, mediaType }: Manifest, reference: string): Promise<HttpResponse> {
    return this.send("PUT", `manifests/${reference}`, [201], {
      headers: { "content-type": mediaType },
      body: stream([bytes]),
    });
  }

  /** Sends a request. @param path path below the repository @throws Error when the status is not one of those expected */
  async send(
    method: string,
    path: string,
    expected: readonly number[],
    { headers = {}, body }: Partial<Pick<HttpRequest, "headers" | "body">> = {},
  ): Promise<HttpResponse> {
    const [resource = "", query = ""] = path.split("?");
    const request = { method, path: `/v2/${this.#name}/${resource}`, query, headers, body };
    const response = await this.#app(request);
    if (!expected.includes(response.status)) {
      throw new Error(`${method} ${request.path}: ${response.status} ${String(response.body)}`);
    }
    if (response.body !== undefined && isStream(response.body)) for await (const _ of response.body);
    return response;
  }
}

function isStream(body: NonNullable<HttpResponse["body"]>): body is AsyncIterable<Uint8Array> {
  return typeof body === "object" && Symbol.asyncIterator in body;
}

/** Returns the headers and the body of a request that sends a blob. */
export function requestOf(blob: Content): Pick<HttpRequest, "headers" | "body"> {
  return { headers: { "content-length": String(blob.size) }, body: stream(generateBytes(blob)) };
}

/** Yields the chunks as a body. */
export async function* stream(chunks: Iterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield* chunks;
}
