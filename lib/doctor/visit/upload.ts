import type { Client } from "../../client/client.ts";
import type { Blob, Content } from "../../client/content.ts";
import type { Answer } from "../../client/message.ts";
import type { Digest } from "../../oci/digest.ts";
import { expectStatus } from "../findings/answer.ts";
import { Problem } from "../findings/finding.ts";
import type { Ledger } from "./ledger.ts";

/** The part of a visit that uploads need. */
export interface Uploading {
  readonly client: Client;
  readonly ledger: Ledger;
  readonly root: string;
}

export interface Session {
  /** Where it began; it is cancelled there if it stays open. */
  readonly origin: string;
  /** Where its next request goes. */
  readonly path: string;
  readonly answer: Answer;
  /** The text of a `Warning` header: that another hostname takes larger bodies. */
  readonly hint: string | undefined;
}

export interface Pushed {
  readonly blob: Blob;
  readonly answer: Answer;
}

interface BodyOptions {
  readonly headers?: Readonly<Record<string, string>>;
  readonly onSent?: (bytes: number) => void;
}

/** @see https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#post-then-put */
export async function startUpload({ client, ledger, root }: Uploading): Promise<Session> {
  const answer = await client.send("POST", `${root}/blobs/uploads/`);
  expectStatus(answer, [202], { what: "the POST that starts an upload" });
  const path = nextPath(answer, client.base);
  ledger.opened(path);
  return { origin: path, path, answer, hint: hintIn(answer) };
}

export async function patch(
  { client }: Uploading,
  session: Session,
  body: Content,
  options: BodyOptions = {},
): Promise<Answer> {
  const headers = { "content-type": "application/octet-stream", ...options.headers };
  return await client.send("PATCH", session.path, { ...options, body, headers });
}

/** @returns the session as it stands after a chunk that was accepted */
export function afterChunk({ client }: Uploading, session: Session, answer: Answer): Session {
  expectStatus(answer, [202], { what: "the PATCH", hint: session.hint });
  return { ...session, answer, path: nextPath(answer, client.base) };
}

/** The closing PUT, with the blob or without it. */
export async function close(
  { client, ledger }: Uploading,
  session: Session,
  digest: Digest,
  { body, ...options }: BodyOptions & { readonly body?: Content } = {},
): Promise<Answer> {
  ledger.blob(digest);
  const mark = session.path.includes("?") ? "&" : "?";
  const path = `${session.path}${mark}digest=${encodeURIComponent(digest)}`;
  const headers = { "content-type": "application/octet-stream", ...options.headers };
  const answer = await client.send("PUT", path, {
    ...options,
    headers,
    ...(body === undefined ? {} : { body }),
  });
  if (answer.status === 201) ledger.closed(session.origin);
  return answer;
}

/** POST, and PUT with Content-Length. */
export async function pushByPut(visit: Uploading, blob: Blob, options: BodyOptions = {}): Promise<Pushed> {
  const session = await startUpload(visit);
  const answer = await close(visit, session, blob.digest, { body: blob, ...options });
  expectStatus(answer, [201], { what: "the PUT of a blob", hint: session.hint });
  return { blob, answer };
}

/** Clients follow a Location wherever it leads; here the check of that name tells, and the others stay on this host. */
function nextPath(answer: Answer, base: URL): string {
  const location = answer.headers["location"];
  if (location === undefined || !URL.canParse(location, base.href)) {
    throw new Problem(`the ${answer.method} of an upload has no usable Location`, {
      expected: "a Location header that tells where the upload goes on",
      came: location === undefined ? "no Location" : `Location: ${location}`,
      cause: "something in front of the registry drops or rewrites the header",
      advice: "let the Location headers of the registry pass unchanged",
    });
  }
  const { pathname, search } = new URL(location, base);
  return `${pathname}${search}`;
}

/**
 * `299 - "text"`
 * @see https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#warnings
 */
function hintIn({ headers }: Answer): string | undefined {
  const warning = headers["warning"];
  return warning === undefined ? undefined : (/"(.*)"/.exec(warning)?.[1] ?? warning);
}
