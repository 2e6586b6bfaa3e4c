import { secretIdOf } from "./accounts/secrets.ts";
import type { Authenticator } from "./authenticator.ts";
import type { Identity } from "./identity.ts";
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
    new LazyAuthenticator(async () => {
      const { OidcAuthenticator } = await import("./oidc/authenticator.ts");
      return new OidcAuthenticator({ ...rest, fetch });
    }),
    new LazyAuthenticator(async () => {
      const { AwsAuthenticator } = await import("./aws/authenticator.ts");
      return new AwsAuthenticator({ ...rest, ...endpoint, fetch });
    }),
  ];
}

/** Loads an authenticator for the first password that is not a secret of this registry, which makes starts faster. */
class LazyAuthenticator implements Authenticator {
  readonly #load: () => Promise<Authenticator>;
  #loaded: Promise<Authenticator> | undefined;

  constructor(load: () => Promise<Authenticator>) {
    this.#load = load;
  }

  async authenticate(username: string, password: string, audience?: string): Promise<Identity | undefined> {
    if (secretIdOf(password) !== undefined) return undefined;
    this.#loaded ??= this.#load();
    return await (await this.#loaded).authenticate(username, password, audience);
  }
}
