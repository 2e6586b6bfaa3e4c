import { defaultProvider } from "@aws-sdk/credential-provider-node";
import { environmentCredentials } from "./environment-credentials.ts";

/**
 * Creates a provider for the role's credentials. The SDK's provider chain caches credentials without an expiry for the life
 * of the process. Credentials from the environment belong to a role and do expire, so if they carry no expiry they are read
 * again for each use.
 */
export function createRoleCredentials() {
  const chain = defaultProvider();
  return async () => {
    const hasNoExpiry = process.env["AWS_CREDENTIAL_EXPIRATION"] === undefined;
    return (hasNoExpiry ? environmentCredentials(process.env) : undefined) ?? (await chain());
  };
}
