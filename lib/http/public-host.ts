import { EDGE_HOST, REGISTRY_HOST } from "../ports/headers.ts";
import type { HttpRequest } from "./message.ts";

/** Where clients find the registry: tokens are for the host, and are given at the origin. */
export interface PublicHost {
  /** With its port, if that is not the usual one. */
  readonly host: string;
  readonly origin: string;
}

/** @returns undefined when the request does not say, or nothing that may be repeated in a header */
export type HostOf = (request: HttpRequest) => PublicHost | undefined;

/** Returns the registry's own host as far as it is known for sure: never what a client says. */
export type AudienceOf = (request: HttpRequest) => string | undefined;

/** A name, an IPv4 or a bracketed IPv6 address, with or without a port: nothing that could end a quoted text. */
const HOST = /^(?:[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?|\[[0-9a-f:.]{2,45}\])(?::\d{1,5})?$/;

/** One that is configured, whatever the client asked for. */
export function fixedHost(url: URL): HostOf {
  const host = { host: url.host, origin: url.origin };
  return () => host;
}

/** The host that the client asked for. */
export function askedHost(scheme: "http" | "https"): HostOf {
  return ({ headers }) => toHost(scheme, headers["host"]);
}

/** For these nobody has a certificate, and clients do not ask for one. */
const LOOPBACK = /^(?:localhost|127\.\d+\.\d+\.\d+)(?::\d+)?$/;

/** Behind the edge, or API Gateway, which say it in headers of their own. */
export const frontHost: HostOf = ({ headers }) => {
  const host = headers[EDGE_HOST] ?? headers[REGISTRY_HOST] ?? headers["host"];
  return toHost(LOOPBACK.test(host ?? "") ? "http" : "https", host);
};

function toHost(scheme: string, header: string | undefined): PublicHost | undefined {
  const host = header?.toLowerCase() ?? "";
  return HOST.test(host) ? { host, origin: `${scheme}://${host}` } : undefined;
}
