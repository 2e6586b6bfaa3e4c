import { EDGE_HOST_HEADER, REGISTRY_HOST_HEADER } from "../ports/headers.ts";
import type { HttpRequest } from "./message.ts";

/** The address of the registry for clients: the host is the audience of tokens, the origin that of the token service. */
export interface PublicHost {
  /** With its port, unless it is the default of the scheme. */
  readonly host: string;
  readonly origin: string;
}

/** Returns the public host of a request, or undefined when it is missing or not valid in a header. */
export type HostResolver = (request: HttpRequest) => PublicHost | undefined;

/** Returns the registry's host if a trusted source provides it; a value from the client is never trusted. */
export type AudienceResolver = (request: HttpRequest) => string | undefined;

/** A name, an IPv4 or a bracketed IPv6 address, with an optional port. It cannot end a quoted string in a header. */
const HOST_PATTERN = /^(?:[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?|\[[0-9a-f:.]{2,45}\])(?::\d{1,5})?$/;

/** Creates a resolver that returns a configured host. */
export function fixedHost(url: URL): HostResolver {
  const host = { host: url.host, origin: url.origin };
  return () => host;
}

/** Creates a resolver that returns the host that the client requested. */
export function requestedHost(scheme: "http" | "https"): HostResolver {
  return ({ headers }) => parseHost(scheme, headers["host"]);
}

/** Hosts without a certificate, to which clients connect over plain HTTP. */
const LOOPBACK_PATTERN = /^(?:localhost|127\.\d+\.\d+\.\d+)(?::\d+)?$/;

/** Returns the host behind the edge or API Gateway, which set it in headers. */
export const frontHost: HostResolver = ({ headers }) => {
  return parsePublicHost(headers[EDGE_HOST_HEADER] ?? headers[REGISTRY_HOST_HEADER] ?? headers["host"]);
};

/** Returns the host of a request that no proxy of this project has forwarded: headers that proxies set are the client's own. */
export const ownHost: HostResolver = ({ headers }) => parsePublicHost(headers["host"]);

function parsePublicHost(host: string | undefined): PublicHost | undefined {
  return parseHost(LOOPBACK_PATTERN.test(host ?? "") ? "http" : "https", host);
}

function parseHost(scheme: string, header: string | undefined): PublicHost | undefined {
  const host = header?.toLowerCase() ?? "";
  return HOST_PATTERN.test(host) ? { host, origin: `${scheme}://${host}` } : undefined;
}
