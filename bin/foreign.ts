import type { Authenticator } from "../lib/auth/authenticator.ts";
import { AwsAuthenticator } from "../lib/auth/aws/authenticator.ts";
import { OidcAuthenticator } from "../lib/auth/oidc/authenticator.ts";
import type { AccessSnapshot } from "../lib/auth/snapshot.ts";

/**
 * Those who know tokens of OIDC issuers and AWS credentials. The latter are made for one registry, which must know for
 * sure that it is meant: a host that the client names is no proof.
 */
export function foreignAuthenticators(
  access: () => Promise<AccessSnapshot>,
  publicUrl: URL | undefined,
): readonly Authenticator[] {
  const options = { fetch, access, now: () => new Date() };
  return [new OidcAuthenticator(options), new AwsAuthenticator({ ...options, audience: publicUrl?.host })];
}
