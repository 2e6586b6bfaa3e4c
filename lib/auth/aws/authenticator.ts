import { type Authenticator, CredentialsRefusedError } from "../authenticator.ts";
import { AUTHENTICATED, subjectOf } from "../grants/subject.ts";
import type { Identity } from "../identity.ts";
import { getCallerIdentity, type StsOptions } from "./caller-identity.ts";
import { AWS_PASSWORD } from "./password.ts";
import { parsePresignedUrl } from "./presigned-url.ts";
import { type AwsRule, meetsAwsRule } from "./rule.ts";

/** What is configured at present. */
interface AwsAccess {
  readonly awsRules: readonly AwsRule[];
}

export interface AwsOptions extends Omit<StsOptions, "audience"> {
  access(): Promise<AwsAccess>;
  now(): Date;
}

const MAX_LENGTH = 12 * 1024;

/**
 * A presigned GetCallerIdentity as the password, under any user name. STS is asked each time: it knows which keys have
 * been disabled meanwhile.
 */
export class AwsAuthenticator implements Authenticator {
  readonly #options: AwsOptions;

  constructor(options: AwsOptions) {
    this.#options = options;
  }

  async authenticate(_username: string, password: string, audience?: string): Promise<Identity | undefined> {
    if (!password.startsWith(AWS_PASSWORD)) return undefined;
    if (audience === undefined) {
      throw new CredentialsRefusedError(
        "the registry is not told its public URL, which AWS passwords are made for",
      );
    }
    const { awsRules } = await this.#options.access();
    if (awsRules.length === 0) throw new CredentialsRefusedError("there is no rule for AWS principals");
    const presigned = parsePresignedUrl(decodePassword(password), this.#options.now());
    const principal = await getCallerIdentity(presigned, { ...this.#options, audience });
    const name = `aws:${principal.arn}`;
    const met = awsRules.filter((rule) => meetsAwsRule(rule, principal));
    if (met.length === 0)
      throw new CredentialsRefusedError(`${name} (${principal.principalArn}) meets no AWS rule`);
    const subjects = met.map((rule) => subjectOf("aws", rule.name));
    return { name, subjects: [...subjects, AUTHENTICATED], notAfter: presigned.expires };
  }
}

function decodePassword(password: string): string {
  const encoded = password.slice(AWS_PASSWORD.length);
  if (password.length > MAX_LENGTH) {
    throw new CredentialsRefusedError(`the AWS password is longer than ${MAX_LENGTH} characters`);
  }
  const decoded = Buffer.from(encoded, "base64url");
  if (decoded.toString("base64url") !== encoded) {
    throw new CredentialsRefusedError("the AWS password is not in base64url");
  }
  return decoded.toString();
}
