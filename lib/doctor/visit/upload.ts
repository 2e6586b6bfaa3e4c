import type { Client } from "../../client/client.ts";
import type { Blob, Content } from "../../client/content.ts";
import type { Answer } from "../../client/message.ts";
import type { Digest } from "../../oci/digest.ts";
import { expectStatus } from "../findings/answer.ts";
import { Problem } from "../findings/finding.ts";
import type { Ledger } from "./ledger.ts";

/** The part of the context that uploads require. */
export interface Uploading {
  readonly client: Client;
  readonly cleanup: Ledger;
  readonly root: string;
}

/** An upload session. */
export interface Session {
  /** Initial path, at which the session is cancelled if it remains open. */
  readonly origin: string;
  /** Path of the next request. */
  readonly path: string;
  /** Response to the latest request. */
  readonly response: Answer;
  /** Text of the `Warning` header, which names a hostname without a body limit. */
  readonly hint: string | undefined;
}

/** A pushed blob, and the response to its last request. */
export interface Pushed {
  readonly blob: Blob;
  readonly response: Answer;
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
export async function startUpload({ client, cleanup, root }: Uploading): Promise<Session> {
  const response = await client.send("POST", `${root}/blobs/uploads/`);
  expectStatus(response, [202], { what: "the POST that starts an upload" });
  const path = nextPath(response, client.base);
  cleanup.opened(path);
  return { origin: path, path, response, hint: readWarning(response) };
}

/** Uploads a chunk by PATCH. */
export async function patch(
  { client }: Uploading,
  session: Session,
  body: Content,
  options: BodyOptions = {},
): Promise<Answer> {
  const headers = { "content-type": "application/octet-stream", ...options.headers };
  return await client.send("PATCH", session.path, { ...options, body, headers });
}

/** Returns the session's state after a chunk. @throws CheckFailure if the chunk was not accepted */
export function afterChunk({ client }: Uploading, session: Session, response: Answer): Session {
  expectStatus(response, [202], { what: "the PATCH", hint: session.hint });
  return { ...session, response, path: nextPath(response, client.base) };
}

/** Closes the upload by PUT, with the rest of the blob if `body` is given. */
export async function close(
  { client, cleanup }: Uploading,
  session: Session,
  digest: Digest,
  { body, ...options }: BodyOptions & { readonly body?: Content } = {},
): Promise<Answer> {
  cleanup.blob(digest);
  const separator = session.path.includes("?") ? "&" : "?";
  const path = `${session.path}${separator}digest=${encodeURIComponent(digest)}`;
  const headers = { "content-type": "application/octet-stream", ...options.headers };
  const response = await client.send("PUT", path, {
    ...options,
    headers,
    ...(body === undefined ? {} : { body }),
  });
  if (response.status === 201) cleanup.closed(session.origin);
  return response;
}

/** Pushes a blob by POST, then PUT. @throws CheckFailure if it was not accepted */
export async function pushByPut(context: Uploading, blob: Blob, options: BodyOptions = {}): Promise<Pushed> {
  const session = await startUpload(context);
  const response = await close(context, session, blob.digest, { body: blob, ...options });
  expectStatus(response, [201], { what: "PUT of a blob", hint: session.hint });
  return { blob, response };
}

/**
 * Returns path and query of Location. Clients follow it to any host; the `location` check reports a different host, and
 * all other checks stay on the registry's host.
 */
function nextPath(response: Answer, base: URL): string {
  const location = response.headers["location"];
  if (location === undefined || !URL.canParse(location, base.href)) {
    throw new Problem(`${response.method} of an upload returned no usable Location`, {
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
function readWarning({ headers }: Answer): string | undefined {
  const warning = headers["warning"];
  return warning === undefined ? undefined : (/"(.*)"/.exec(warning)?.[1] ?? warning);
}
