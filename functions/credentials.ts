import { defaultProvider } from "@aws-sdk/credential-provider-node";

/** The role's, renewed before they end. */
export const roleCredentials = defaultProvider();
