import { OciError } from "../../oci/errors.ts";
import { hostNameOf, isLoopbackName, listItemsOf } from "../host-name.ts";
import type { HttpRequest } from "../message.ts";
import type { Guard } from "./guard.ts";

const MAX_REPORTED_LENGTH = 200;

/** Names and origins that have access to a registry without accounts, besides those of loopback. */
export interface LocalAccess {
  /** In lower case. */
  readonly hosts: ReadonlySet<string>;
  /** Origins of web pages; `*` stands for all. */
  readonly origins: ReadonlySet<string>;
}

/** The part of access control that decides whether the registry is open. */
interface OpenRegistry {
  /** Undefined when everything has access. */
  readonly openTo: LocalAccess | undefined;
  isOpen(): Promise<boolean>;
}

/** Adds to a guard that an open registry serves only the names and origins that have access. */
export function withLocalAccess(guard: Guard, { openTo, isOpen }: OpenRegistry): Guard {
  if (openTo === undefined) return guard;
  const assertLocal = createLocalAccessCheck(openTo);
  return async (request, route, handle) => {
    if (await isOpen()) assertLocal(request);
    return await guard(request, route, handle);
  };
}

/**
 * Creates a check that rejects requests of websites and of other machines. A website whose name resolves to a loopback
 * address (DNS rebinding) can send any request with any header except `Host`; any other website can send some without
 * reading the response, which then have its `Origin`; and a proxy on this machine forwards requests of other machines. The check throws `DENIED`.
 */
function createLocalAccessCheck({ hosts, origins }: LocalAccess): (request: HttpRequest) => void {
  const isAllowed = (host: string) => isLoopbackName(hostNameOf(host)) || hosts.has(hostNameOf(host));
  const isAllowedOrigin = (origin: string) =>
    origins.has("*") || origins.has(origin) || isAllowed(URL.parse(origin)?.hostname ?? "");
  return ({ headers }) => {
    const sent = [...listItemsOf(headers["host"]), ...listItemsOf(headers["x-forwarded-host"])];
    const host = sent.find((item) => !isAllowed(item));
    if (host !== undefined) throw createHostError(hostNameOf(host).slice(0, MAX_REPORTED_LENGTH));
    const { origin } = headers;
    if (origin !== undefined && !isAllowedOrigin(origin))
      throw createOriginError(origin.slice(0, MAX_REPORTED_LENGTH));
    if (listItemsOf(headers["x-forwarded-for"]).some((item) => !isAllowed(item)))
      throw createForwardedError();
  };
}

function createHostError(name: string): OciError {
  const fix = `add an account with \`dockless user add NAME\`, or start the registry with --allow-host ${name}`;
  return new OciError("DENIED", {
    message: `host ${name} not allowed while the registry has no accounts: ${fix}`,
    detail: { host: name },
  });
}

function createOriginError(origin: string): OciError {
  const fix = "add an account with `dockless user add NAME`, or allow the origin with --cors-origin";
  return new OciError("DENIED", {
    message: `origin ${origin} not allowed while the registry has no accounts: ${fix}`,
    detail: { origin },
  });
}

function createForwardedError(): OciError {
  return new OciError("DENIED", {
    message:
      "a proxy forwards requests from other machines while the registry has no accounts: add an account with `dockless user add NAME`, or start the registry with --allow-anonymous",
  });
}
