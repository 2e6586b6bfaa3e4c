import type { Authenticator } from "./authenticator.ts";
import { AwsAuthenticator } from "./aws/authenticator.ts";
import { OidcAuthenticator } from "./oidc/authenticator.ts";
import type { AccessSnapshot } from "./snapshot.ts";

export interface ForeignOptions {
  /**
   * The registry's own host, which AWS credentials are made for: never one that a client names, since that is no proof. As
   * long as it is undefined, none of them is taken.
   */
  audience(): string | undefined;
  access(): Promise<AccessSnapshot>;
  now(): Date;
}

/** Those who know tokens of OIDC issuers and AWS credentials. */
export function foreignAuthenticators({ audience, ...rest }: ForeignOptions): readonly Authenticator[] {
  const options = { ...rest, fetch };
  return [new OidcAuthenticator(options), new AwsAuthenticator({ ...options, audience })];
}
