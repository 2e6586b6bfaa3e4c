import type { createRoleCredentials } from "./credentials.ts";

type Provider = ReturnType<typeof createRoleCredentials>;

/** Returns a provider of the role's credentials. Some bundles have it as a file of its own, which is read with the first call. */
export function roleCredentials(): Provider {
  let provider: Promise<Provider> | undefined;
  return async () => {
    provider ??= import("./credentials.ts").then(({ createRoleCredentials }) => createRoleCredentials());
    return await (await provider)();
  };
}
