import { defaultProvider } from "@aws-sdk/credential-provider-node";

/** Creates a provider of the role's credentials, which renews them before they expire. */
export function createRoleCredentials() {
  return defaultProvider();
}
