import type { Authenticator } from "./authenticator.ts";
import { AwsAuthenticator } from "./aws/authenticator.ts";
import { OidcAuthenticator } from "./oidc/authenticator.ts";
import type { AccessSnapshot } from "./snapshot.ts";

export interface ForeignOptions {
  access(): Promise<AccessSnapshot>;
  now(): Date;
  /** Milliseconds of a clock that never goes back. */
  monotonicNow(): number;
  /** An origin at which STS is reached. @default its own hosts */
  readonly stsEndpoint?: string | undefined;
}

/** Those who know tokens of OIDC issuers and AWS credentials. */
export function foreignAuthenticators(options: ForeignOptions): readonly Authenticator[] {
  const { stsEndpoint, ...rest } = options;
  const shared = { ...rest, fetch };
  const endpoint = stsEndpoint === undefined ? {} : { endpoint: () => stsEndpoint };
  return [new OidcAuthenticator(shared), new AwsAuthenticator({ ...shared, ...endpoint })];
}
