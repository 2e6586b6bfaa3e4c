import { defaultProvider } from "@aws-sdk/credential-provider-node";
import { environmentCredentials } from "./environment-credentials.ts";

/**
 * Creates a provider of the role's credentials. The SDK's chain keeps credentials that have no expiry for the life of the
 * process; those in the environment belong to a role and do expire, so without an expiry they are read for each use.
 */
export function createRoleCredentials() {
  const chain = defaultProvider();
  return async () => {
    const hasNoExpiry = process.env["AWS_CREDENTIAL_EXPIRATION"] === undefined;
    return (hasNoExpiry ? environmentCredentials(process.env) : undefined) ?? (await chain());
  };
}
