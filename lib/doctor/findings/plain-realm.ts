import { PLAIN_REALM_FAULT } from "../../client/registry-authenticator.ts";
import type { LikelyCause } from "./likely-cause.ts";

/** Returns the likely cause of a challenge with an http realm behind https, or undefined for any other challenge fault. */
export function findPlainRealmCause(
  fault: string | undefined,
  origin = "https://…",
): LikelyCause | undefined {
  if (fault !== PLAIN_REALM_FAULT) return undefined;
  return {
    cause: "the registry does not know that a proxy in front of it terminates TLS",
    advice: `start the registry with --public-url ${origin}, or let the proxy set X-Forwarded-Proto and X-Forwarded-Host, and specify its address with --trust-proxy unless it is on the same machine`,
  };
}
