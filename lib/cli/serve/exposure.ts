import type { LocalAccess } from "../../http/auth/local-access.ts";
import { formatProgram } from "../output/program.ts";

/** Listen addresses that other machines cannot reach. */
const LOOPBACK_ADDRESS = /^(?:localhost|::1|127(?:\.\d{1,3}){3})$/;

/** Options that determine who can reach the registry, and with what access. */
export interface ExposureOptions {
  /** Address to listen on. */
  readonly host: string;
  /** Public URL of the registry. @default derived from each request */
  readonly publicUrl?: URL;
  /** Whether all clients have full access until the first account or grant exists, even from other machines. */
  readonly allowAnonymous?: true;
  /** Host names, in lower case, under which clients have access until then, in addition to loopback names. */
  readonly allowHost?: readonly string[];
  /** Web origins that may call the registry; `*` for all. */
  readonly corsOrigin?: readonly string[];
  /** Whether only CloudFront can reach this process. It then starts without accounts, but denies all access. */
  readonly behindEdge?: true;
}

/** @throws Error if other machines could push and delete without authentication, and the options do not allow it */
export function assertProtected(options: ExposureOptions): void {
  if (options.behindEdge === true || canBeOpen(options)) return;
  const { publicUrl, host } = options;
  const [reason, fix] =
    publicUrl === undefined
      ? [`${host} is reachable from other machines`, "use --host 127.0.0.1"]
      : [`${publicUrl.origin} may be reachable from other machines`, "omit --public-url"];
  throw new Error(
    `no accounts exist, and ${reason}: add an account with \`${formatProgram()} user add NAME\`, ${fix}, or allow anonymous clients to push and delete with --allow-anonymous`,
  );
}

/** Returns whether clients may have full access while there are no accounts. */
export function canBeOpen({ host, publicUrl, allowAnonymous, behindEdge }: ExposureOptions): boolean {
  if (behindEdge === true) return false;
  return allowAnonymous === true || (publicUrl === undefined && LOOPBACK_ADDRESS.test(host));
}

/** Returns the host names and web origins that have access while there are no accounts; undefined for all. */
export function openAccessOf({
  allowAnonymous,
  allowHost = [],
  corsOrigin = [],
}: ExposureOptions): LocalAccess | undefined {
  return allowAnonymous === true ? undefined : { hosts: new Set(allowHost), origins: new Set(corsOrigin) };
}
