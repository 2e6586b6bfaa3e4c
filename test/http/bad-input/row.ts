import type { RequestOptions } from "../../support/client.ts";
import { IMAGE } from "../content.ts";

/**
 * A request that somebody may send who is careless or means harm. Texts are bytes (Latin-1), in which `{repo}`,
 * `{manifest}` (a digest), `{config}` (a descriptor), `{blob}` (a digest), `{session}` (a location with the 3 bytes
 * `abc`) and `{fresh}` (one without any) stand for what is there.
 */
export type BadRequest =
  | {
      readonly method: string;
      readonly path: string;
      readonly headers?: Readonly<Record<string, string>>;
      readonly body?: string;
      readonly chunks?: readonly string[];
    }
  /** Bytes of a connection; `end` when the client closes its side after them. */
  | { readonly raw: string; readonly end?: boolean };

/** What is wrong, the request, the status, and the error's code: none when the request is granted all the same. */
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

export function putManifest(body: string, contentType = IMAGE): BadRequest {
  return put("/v2/{repo}/manifests/bad", { body, headers: { "content-type": contentType } });
}

/** A request as text: its first line, its header lines and its body. */
export function raw(line: string, headers: readonly string[] = [], body = "", end = false): BadRequest {
  const lines = [line, "Host: registry", "Connection: close", ...headers];
  return { raw: `${lines.join("\r\n")}\r\n\r\n${body}`, end };
}
