import { type Authenticator, CredentialsRejectedError } from "../authenticator.ts";
import { AUTHENTICATED_GRANTEE, granteeOf } from "../grants/grantee.ts";
import type { Identity } from "../identity.ts";
import { getCallerIdentity, type StsOptions } from "./caller-identity.ts";
import { AWS_PASSWORD_PREFIX } from "./password.ts";
import { parsePresignedUrl } from "./presigned-url.ts";
import { type AwsRule, matchesAwsRule } from "./rule.ts";

/** The part of the access configuration that AWS credentials are matched against. */
interface AwsAccess {
  readonly awsRules: readonly AwsRule[];
}

/** The configuration, the clock and the connection to STS of an `AwsAuthenticator`. */
export interface AwsOptions extends Omit<StsOptions, "audience"> {
  access(): Promise<AwsAccess>;
  now(): Date;
}

const MAX_PASSWORD_LENGTH = 12 * 1024;

/**
 * Authenticates AWS principals whose password is a presigned GetCallerIdentity request, with any username. Each
 * authentication sends the request to STS, which rejects access keys that have been disabled since it was signed.
 */
export class AwsAuthenticator implements Authenticator {
  readonly #options: AwsOptions;

  constructor(options: AwsOptions) {
    this.#options = options;
  }

  async authenticate(_username: string, password: string, audience?: string): Promise<Identity | undefined> {
    if (!password.startsWith(AWS_PASSWORD_PREFIX)) return undefined;
    if (audience === undefined) {
      throw new CredentialsRejectedError(
        "no public URL is configured for the registry: set one, because AWS passwords are signed for it",
      );
    }
    const { awsRules } = await this.#options.access();
    if (awsRules.length === 0) throw new CredentialsRejectedError("there is no rule for AWS principals");
    const presigned = parsePresignedUrl(decodePassword(password), this.#options.now());
    const principal = await getCallerIdentity(presigned, { ...this.#options, audience });
    const name = `aws:${principal.arn}`;
    const matching = awsRules.filter((rule) => matchesAwsRule(rule, principal));
    if (matching.length === 0)
      throw new CredentialsRejectedError(`${name} (${principal.principalArn}) matches no AWS rule`);
    const grantees = matching.map((rule) => granteeOf("aws", rule.name));
    return { name, grantees: [...grantees, AUTHENTICATED_GRANTEE], notAfter: presigned.expiresAt };
  }
}

function decodePassword(password: string): string {
  const encoded = password.slice(AWS_PASSWORD_PREFIX.length);
  if (password.length > MAX_PASSWORD_LENGTH) {
    throw new CredentialsRejectedError(`the AWS password is longer than ${MAX_PASSWORD_LENGTH} characters`);
  }
  const decoded = Buffer.from(encoded, "base64url");
  if (decoded.toString("base64url") !== encoded) {
    throw new CredentialsRejectedError("the AWS password is not valid base64url");
  }
  return decoded.toString();
}
