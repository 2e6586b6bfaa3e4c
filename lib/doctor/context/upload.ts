import type { Client } from "../../client/client.ts";
import type { Blob, Content } from "../../client/content.ts";
import type { RegistryResponse } from "../../client/message.ts";
import type { Digest } from "../../oci/digest.ts";
import { CheckFailure } from "../findings/finding.ts";
import { expectStatus } from "../findings/response.ts";
import type { CleanupList } from "./cleanup-list.ts";

/** The part of the context that uploads require. */
export interface UploadContext {
  readonly client: Client;
  readonly cleanup: CleanupList;
  readonly root: string;
}

/** An upload session. */
export interface UploadSession {
  /** Initial path, used to cancel the session if it remains open. */
  readonly initialPath: string;
  /** Path of the next request. */
  readonly path: string;
  /** Response to the latest request. */
  readonly response: RegistryResponse;
  /** Text of the `Warning` header, which names a hostname without a body limit. */
  readonly hint: string | undefined;
}

/** A pushed blob, and the response to its last request. */
export interface PushedBlob {
  readonly blob: Blob;
  readonly response: RegistryResponse;
}

interface BodyOptions {
  readonly headers?: Readonly<Record<string, string>>;
  readonly onSent?: (bytes: number) => void;
}

/**
 * Starts an upload session.
 * @see https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#post-then-put
 * @throws CheckFailure if the status is not 202
 */
export async function startUpload({ client, cleanup, root }: UploadContext): Promise<UploadSession> {
  const response = await client.send("POST", `${root}/blobs/uploads/`);
  expectStatus(response, [202], { what: "the POST that starts an upload" });
  const path = nextPath(response, client.base);
  cleanup.addSession(path);
  return { initialPath: path, path, response, hint: readWarning(response) };
}

/** Uploads a chunk with PATCH. */
export async function uploadChunk(
  { client }: UploadContext,
  session: UploadSession,
  body: Content,
  options: BodyOptions = {},
): Promise<RegistryResponse> {
  const headers = { "content-type": "application/octet-stream", ...options.headers };
  return await client.send("PATCH", session.path, { ...options, body, headers });
}

/** Returns the session's state after a chunk. @throws CheckFailure if the chunk was not accepted */
export function nextSession(
  { client }: UploadContext,
  session: UploadSession,
  response: RegistryResponse,
): UploadSession {
  expectStatus(response, [202], { what: "the PATCH", hint: session.hint });
  return { ...session, response, path: nextPath(response, client.base) };
}

/** Closes the upload with PUT, which contains the rest of the blob if `body` is given. */
export async function closeUpload(
  { client, cleanup }: UploadContext,
  session: UploadSession,
  digest: Digest,
  { body, ...options }: BodyOptions & { readonly body?: Content } = {},
): Promise<RegistryResponse> {
  cleanup.addBlob(digest);
  const separator = session.path.includes("?") ? "&" : "?";
  const path = `${session.path}${separator}digest=${encodeURIComponent(digest)}`;
  const headers = { "content-type": "application/octet-stream", ...options.headers };
  const response = await client.send("PUT", path, {
    ...options,
    headers,
    ...(body === undefined ? {} : { body }),
  });
  if (response.status === 201) cleanup.removeSession(session.initialPath);
  return response;
}

/** Pushes a blob with POST, then PUT. @throws CheckFailure if it was not accepted */
export async function pushBlob(
  context: UploadContext,
  blob: Blob,
  options: BodyOptions = {},
): Promise<PushedBlob> {
  const session = await startUpload(context);
  const response = await closeUpload(context, session, blob.digest, { body: blob, ...options });
  expectStatus(response, [201], { what: "PUT of a blob", hint: session.hint });
  return { blob, response };
}

/**
 * Returns path and query of Location. Clients follow it to any host; the `location` check reports a different host, and
 * all other checks stay on the registry's host.
 */
function nextPath(response: RegistryResponse, base: URL): string {
  const location = response.headers["location"];
  if (location === undefined || !URL.canParse(location, base.href)) {
    throw new CheckFailure(`${response.method} of an upload returned no usable Location`, {
      expected: "a Location header with the URL of the upload",
      actual: location === undefined ? "no Location" : `Location: ${location}`,
      cause: "a proxy drops or rewrites the header",
      advice: "configure the proxy to pass the registry's Location headers through unchanged",
    });
  }
  const { pathname, search } = new URL(location, base);
  return `${pathname}${search}`;
}

/**
 * Returns the text of a warning of the form `299 - "text"`, or undefined.
 * @see https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#warnings
 */
function readWarning({ headers }: RegistryResponse): string | undefined {
  const warning = headers["warning"];
  return warning === undefined ? undefined : (/"(.*)"/.exec(warning)?.[1] ?? warning);
}
