import { lazy } from "../lib/concurrency/lazy.ts";
import type { createRoleCredentials } from "./credentials.ts";

type Provider = ReturnType<typeof createRoleCredentials>;

/** Returns a provider for the role's credentials. It is loaded on first use, in some bundles from a separate file. */
export function roleCredentials(): Provider {
  const provider = lazy(async () => (await import("./credentials.ts")).createRoleCredentials());
  return async () => await (await provider())();
}
