import { OciError } from "../../oci/errors.ts";
import { listItemsOf } from "../headers.ts";
import { hostNameOf, isLoopbackName } from "../host-name.ts";
import type { HttpRequest } from "../message.ts";
import type { Guard } from "./guard.ts";

const MAX_REPORTED_LENGTH = 200;

/** Host names and web origins that have access to a registry without accounts, in addition to loopback. */
export interface LocalAccess {
  /** In lower case. */
  readonly hosts: ReadonlySet<string>;
  /** Origins of web pages; `*` stands for all. */
  readonly origins: ReadonlySet<string>;
}

/** The part of access control that decides whether the registry is open. */
interface OpenRegistry {
  /** Undefined if access is unrestricted. */
  readonly openTo: LocalAccess | undefined;
  isOpen(): Promise<boolean>;
}

/** Restricts a guard, while the registry is open, to the host names and web origins that have access. */
export function withLocalAccess(guard: Guard, { openTo, isOpen }: OpenRegistry): Guard {
  if (openTo === undefined) return guard;
  const assertLocal = createLocalAccessCheck(openTo);
  return async (request, route, handle) => {
    if (await isOpen()) assertLocal(request);
    return await guard(request, route, handle);
  };
}

/**
 * Creates a check that rejects requests from websites and from other machines. A website whose name resolves to a loopback
 * address (DNS rebinding) can send any request with any header except `Host`. Any other website can send some requests, whose
 * `Origin` names the website, but cannot read the responses. A proxy on this machine forwards requests from other machines.
 * The check throws `DENIED`.
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
    if (forwardedNamesIn(headers).some((item) => !isAllowed(item))) throw createForwardedError();
  };
}

/** Parameters of `Forwarded` that name the client and the host: https://www.rfc-editor.org/rfc/rfc7239#section-4 */
const FORWARDED_PATTERN = /(?:^|[;,])\s*(?:for|host)\s*=\s*"?([^";,\s]*)/gi;

/** Returns the addresses of clients, and names, in the headers of proxies. */
function forwardedNamesIn({
  "x-forwarded-for": clients,
  "x-real-ip": client,
  forwarded = "",
}: HttpRequest["headers"]): readonly string[] {
  const parameters = [...forwarded.matchAll(FORWARDED_PATTERN)].map(([, value = ""]) => value);
  return [...listItemsOf(clients), ...listItemsOf(client), ...parameters];
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
