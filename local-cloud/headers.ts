import type { IncomingMessage } from "node:http";

/** Header names and values in order of arrival; names in their original case. */
export type HeaderList = readonly (readonly [name: string, value: string])[];

/** Hop-by-hop headers, which proxies must not forward: RFC 9110, section 7.6.1 */
const HOP_BY_HOP = new Set([
  "connection",
  "keep-alive",
  "proxy-authenticate",
  "proxy-authorization",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);

/** Returns the headers of a message as a list. */
export function headerListOf({ rawHeaders }: Pick<IncomingMessage, "rawHeaders">): HeaderList {
  return Array.from({ length: rawHeaders.length / 2 }, (_, index) => {
    return [rawHeaders[2 * index] ?? "", rawHeaders[2 * index + 1] ?? ""] as const;
  });
}

/** Returns the headers without the named ones. @param names header names in lower case */
export function withoutHeaders(headers: HeaderList, ...names: readonly string[]): HeaderList {
  return headers.filter(([name]) => !names.includes(name.toLowerCase()));
}

/** Removes hop-by-hop headers, including those that `Connection` lists. */
export function endToEndHeaders(headers: HeaderList): HeaderList {
  const named = headers
    .filter(([name]) => name.toLowerCase() === "connection")
    .flatMap(([, value]) => value.split(",").map((option) => option.trim().toLowerCase()));
  return withoutHeaders(headers, ...HOP_BY_HOP, ...named);
}

/** Converts to the flat list that Node's functions accept. */
export function flattenHeaders(headers: HeaderList): string[] {
  return headers.flat();
}

/** Converts to an object with names in lower case and repeated values joined by commas. */
export function joinHeaders(headers: HeaderList): Record<string, string> {
  const result: Record<string, string> = {};
  for (const [name, value] of headers) {
    const key = name.toLowerCase();
    result[key] = key in result ? `${result[key]},${value}` : value;
  }
  return result;
}

/** Returns the size in bytes of the request line and all header lines. */
export function sizeOfHead(incoming: IncomingMessage): number {
  const line = `${incoming.method} ${incoming.url} HTTP/1.1\r\n`.length;
  return headerListOf(incoming).reduce((sum, [name, value]) => sum + name.length + value.length + 4, line);
}

/** Returns the headers that frame the body for the next hop; an empty list if there is no body. */
export function framingOf({ headers }: IncomingMessage): HeaderList {
  if (headers["transfer-encoding"] !== undefined) return [["Transfer-Encoding", "chunked"]];
  const length = headers["content-length"];
  return length === undefined ? [] : [["Content-Length", length]];
}

/** Returns whether a request has a body. */
export function hasBody({ headers }: IncomingMessage): boolean {
  return headers["transfer-encoding"] !== undefined || Number(headers["content-length"] ?? 0) > 0;
}
