import { isIP } from "node:net";

/**
 * A name, an IPv4 or a bracketed IPv6 address, with an optional port. Underscores and a trailing dot are not part of a
 * hostname, but proxies and clients send them. No value can end a quoted string in a header.
 */
const HOST_PATTERN = /^(?:[a-z0-9_](?:[a-z0-9._-]{0,251}[a-z0-9_])?\.?|\[[0-9a-f:.]{2,45}\])(?::\d{1,5})?$/;

/** Normalizes the value of a Host header. @returns undefined when it is missing or malformed */
export function normalizeHost(header: string | undefined): string | undefined {
  const host = header?.toLowerCase() ?? "";
  return HOST_PATTERN.test(host) ? host : undefined;
}

/** Returns the name or address in a host, without port, brackets and trailing dot. */
export function hostNameOf(host: string): string {
  const text = host.trim().toLowerCase();
  const bracketed = /^\[(.*)\](?::\d+)?$/.exec(text)?.[1];
  const name = isIP(text) === 6 ? text : (bracketed ?? text.replace(/:\d+$/, ""));
  return name.replace(/\.$/, "").replace(/^::ffff:(?=\d+\.)/, "");
}

/** Returns whether a name or address always refers to the machine itself, whatever DNS servers return for it. */
export function isLoopbackName(name: string): boolean {
  return name === "::1" || /^(?:.+\.)?localhost$/.test(name) || /^127(?:\.\d{1,3}){3}$/.test(name);
}
