import { EDGE_HOST_HEADER, REGISTRY_HOST_HEADER } from "../ports/headers.ts";
import { normalizeHost } from "./host-name.ts";
import type { HttpRequest } from "./message.ts";

/** The registry's address for clients: `host` is the audience of tokens, and the token service is at `origin`. */
export interface PublicHost {
  /** With its port, unless it is the default of the scheme. */
  readonly host: string;
  readonly origin: string;
}

/** Returns the public host for a request, or undefined when the header is missing or invalid. */
export type HostResolver = (request: HttpRequest) => PublicHost | undefined;

/** Returns the registry's host if a trusted source provides it; a value from the client is never trusted. */
export type AudienceResolver = (request: HttpRequest) => string | undefined;

/** The message of a 400 response to a request without a valid host. */
export const MALFORMED_HOST_MESSAGE =
  "missing or malformed Host, X-Forwarded-Host or X-Forwarded-Proto header: correct the request, or start the registry with --public-url";

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

/** Returns the host that the edge or API Gateway has set in a header. */
export const frontHost: HostResolver = ({ headers }) => {
  return parsePublicHost(headers[EDGE_HOST_HEADER] ?? headers[REGISTRY_HOST_HEADER] ?? headers["host"]);
};

/** Returns the host of a direct request. Headers that the edge or API Gateway would set come from the client, and are ignored. */
export const ownHost: HostResolver = ({ headers }) => parsePublicHost(headers["host"]);

function parsePublicHost(host: string | undefined): PublicHost | undefined {
  return parseHost(LOOPBACK_PATTERN.test(host ?? "") ? "http" : "https", host);
}

function parseHost(scheme: string, header: string | undefined): PublicHost | undefined {
  const host = normalizeHost(header);
  return host === undefined ? undefined : createPublicHost(scheme, host);
}

/** Creates a public host from its parts, without the scheme's default port. */
export function createPublicHost(scheme: string, text: string): PublicHost {
  const host = text.replace(scheme === "https" ? /:443$/ : /:80$/, "");
  return { host, origin: `${scheme}://${host}` };
}
