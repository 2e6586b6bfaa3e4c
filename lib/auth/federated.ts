import type { Authenticator } from "./authenticator.ts";
import { AwsAuthenticator } from "./aws/authenticator.ts";
import { OidcAuthenticator } from "./oidc/authenticator.ts";
import type { AccessSnapshot } from "./snapshot.ts";

/** The configuration, the clocks and the STS endpoint of the federated authenticators. */
export interface FederatedOptions {
  access(): Promise<AccessSnapshot>;
  now(): Date;
  /** Milliseconds of a monotonic clock. */
  monotonicNow(): number;
  /** The origin at which to reach STS. @default the host in each presigned URL */
  readonly stsEndpoint?: string | undefined;
}

/** Creates the authenticators of federated identities: OIDC tokens and AWS credentials. */
export function federatedAuthenticators(options: FederatedOptions): readonly Authenticator[] {
  const { stsEndpoint, ...rest } = options;
  const shared = { ...rest, fetch };
  const endpoint = stsEndpoint === undefined ? {} : { endpoint: () => stsEndpoint };
  return [new OidcAuthenticator(shared), new AwsAuthenticator({ ...shared, ...endpoint })];
}
