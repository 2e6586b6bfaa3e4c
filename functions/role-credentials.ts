import type { createRoleCredentials } from "./credentials.ts";

type Provider = ReturnType<typeof createRoleCredentials>;

/** Returns a provider for the role's credentials. It is loaded on first use, in some bundles from a separate file. */
export function roleCredentials(): Provider {
  let provider: Promise<Provider> | undefined;
  return async () => {
    provider ??= import("./credentials.ts").then(({ createRoleCredentials }) => createRoleCredentials());
    return await (await provider)();
  };
}
