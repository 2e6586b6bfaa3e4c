import { listItemsOf, normalizeHost } from "./host-name.ts";
import type { HttpRequest } from "./message.ts";
import { createPublicHost, type HostResolver, requestedHost } from "./public-host.ts";

const HOST_HEADER = "x-forwarded-host";
const SCHEME_HEADER = "x-forwarded-proto";

/** The proxies whose headers are trusted. */
export interface ForwardedHostOptions {
  /** Returns whether the peer of a connection is a trusted proxy. */
  isTrusted(address: string | undefined): boolean;
  /** Called once, when the headers of a proxy are ignored since it is not trusted. */
  onIgnored(address: string | undefined): void;
}

/**
 * Creates a resolver that returns the host and the scheme that a trusted proxy forwards in `X-Forwarded-Host` and
 * `X-Forwarded-Proto`, and otherwise those of the request, over plain HTTP. Of a list it takes the last value, which that
 * proxy appended: values before it may come from the client. A malformed value is not replaced by another source.
 */
export function forwardedHost({ isTrusted, onIgnored }: ForwardedHostOptions): HostResolver {
  const resolveDirect = requestedHost("http");
  let isReported = false;
  return (request) => {
    if (!isForwarded(request)) return resolveDirect(request);
    if (isTrusted(request.client)) return resolveForwarded(request);
    if (!isReported) onIgnored(request.client);
    isReported = true;
    return resolveDirect(request);
  };
}

function isForwarded({ headers }: HttpRequest): boolean {
  return headers[HOST_HEADER] !== undefined || headers[SCHEME_HEADER] !== undefined;
}

function resolveForwarded({ headers }: HttpRequest): ReturnType<HostResolver> {
  const scheme = listItemsOf(headers[SCHEME_HEADER]).at(-1)?.toLowerCase() ?? "http";
  const host = normalizeHost(listItemsOf(headers[HOST_HEADER]).at(-1) ?? headers["host"]);
  if (host === undefined || !/^https?$/.test(scheme)) return undefined;
  return createPublicHost(scheme, host);
}
