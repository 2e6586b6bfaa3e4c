import type { RequestOptions } from "../../support/client.ts";
import { IMAGE_MANIFEST_MEDIA_TYPE } from "../content.ts";

/**
 * An invalid request from a careless or malicious client. Strings are bytes (Latin-1) with placeholders for existing
 * content: `{repo}`, `{manifest}` (a digest), `{config}` (a descriptor), `{blob}` (a digest), `{session}` (the location of
 * a session with the 3 bytes `abc`) and `{fresh}` (the location of an empty session).
 */
export type BadRequest =
  | {
      readonly method: string;
      readonly path: string;
      readonly headers?: Readonly<Record<string, string>>;
      readonly body?: string;
      readonly chunks?: readonly string[];
    }
  /** Bytes of a connection; with `end`, the client closes its side after them. */
  | { readonly raw: string; readonly end?: boolean };

/** The fault, the request, the status, and the error's code; no code when the request succeeds or is a HEAD. */
export type Row = readonly [name: string, request: BadRequest, status: number, code?: string];

type Options = Pick<RequestOptions, "headers"> & {
  readonly body?: string;
  readonly chunks?: readonly string[];
};

export const get = (path: string, headers = {}): BadRequest => ({ method: "GET", path, headers });
export const head = (path: string): BadRequest => ({ method: "HEAD", path });
export const remove = (path: string): BadRequest => ({ method: "DELETE", path });
export const post = (path: string, options: Options = {}) => send("POST", path, options);
export const put = (path: string, options: Options = {}) => send("PUT", path, options);
export const patch = (path: string, options: Options = {}) => send("PATCH", path, options);

export function send(method: string, path: string, options: Options = {}): BadRequest {
  return { method, path, ...(options.chunks === undefined ? { body: "" } : {}), ...options };
}

export function putManifest(body: string, contentType = IMAGE_MANIFEST_MEDIA_TYPE): BadRequest {
  return put("/v2/{repo}/manifests/bad", { body, headers: { "content-type": contentType } });
}

/** Creates a request from its first line, header lines and body. */
export function raw(line: string, headers: readonly string[] = [], body = "", end = false): BadRequest {
  const lines = [line, "Host: registry", "Connection: close", ...headers];
  return { raw: `${lines.join("\r\n")}\r\n\r\n${body}`, end };
}
