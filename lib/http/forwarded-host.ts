import { listItemsOf } from "./headers.ts";
import { normalizeHost } from "./host-name.ts";
import type { HttpRequest } from "./message.ts";
import { createPublicHost, type HostResolver, requestedHost } from "./public-host.ts";

const HOST_HEADER = "x-forwarded-host";
const SCHEME_HEADER = "x-forwarded-proto";

/** The proxies whose headers are trusted. */
export interface ForwardedHostOptions {
  /** Returns whether the peer of a connection is a trusted proxy. */
  isTrusted(address: string | undefined): boolean;
  /** Called once, when a proxy's headers are ignored because the proxy is not trusted. */
  onIgnored(address: string | undefined): void;
}

/**
 * Creates a resolver that returns the host and the scheme that a trusted proxy sends in `X-Forwarded-Host` and
 * `X-Forwarded-Proto`, or otherwise the request's own host over plain HTTP. From a list it takes the last value, which the
 * trusted proxy appended: earlier values may come from the client. For a malformed value, there is no fallback.
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
