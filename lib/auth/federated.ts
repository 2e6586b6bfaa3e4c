import { lazy } from "../concurrency/lazy.ts";
import { secretIdOf } from "./accounts/secrets.ts";
import type { Authenticator } from "./authenticator.ts";
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
  const endpoint = stsEndpoint === undefined ? {} : { endpoint: () => stsEndpoint };
  return [
    createLazyAuthenticator(async () => {
      const { OidcAuthenticator } = await import("./oidc/authenticator.ts");
      return new OidcAuthenticator({ ...rest, fetch });
    }),
    createLazyAuthenticator(async () => {
      const { AwsAuthenticator } = await import("./aws/authenticator.ts");
      return new AwsAuthenticator({ ...rest, ...endpoint, fetch });
    }),
  ];
}

/** Loads an authenticator for the first password that is not a secret of this registry, which makes starts faster. */
function createLazyAuthenticator(load: () => Promise<Authenticator>): Authenticator {
  const loaded = lazy(load);
  return {
    authenticate: async (username, password, audience) => {
      if (secretIdOf(password) !== undefined) return undefined;
      return await (await loaded()).authenticate(username, password, audience);
    },
  };
}
