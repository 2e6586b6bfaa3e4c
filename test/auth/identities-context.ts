import type { JWTPayload } from "jose";
import type { Authenticator } from "../../lib/auth/authenticator.ts";
import { AwsAuthenticator } from "../../lib/auth/aws/authenticator.ts";
import { type AwsCredentials, createAwsPassword } from "../../lib/auth/aws/create-password.ts";
import { AWS_PASSWORD_PREFIX } from "../../lib/auth/aws/password.ts";
import { type AwsRule, parseAwsRule } from "../../lib/auth/aws/rule.ts";
import { OidcAuthenticator } from "../../lib/auth/oidc/authenticator.ts";
import { type Issuer, parseIssuer } from "../../lib/auth/oidc/issuer.ts";
import { type OidcRule, parseOidcRule } from "../../lib/auth/oidc/rule.ts";
import { StandInIssuer } from "../support/stand-ins/issuer.ts";
import { StandInSts } from "../support/stand-ins/sts.ts";

export const REGISTRY = "registry.example.com";
export const ACCOUNT = "123456789012";
export const ROLE = `arn:aws:sts::${ACCOUNT}:assumed-role/ci-deploy/i-0123456789abcdef0`;

export const CREDENTIALS: AwsCredentials = {
  accessKeyId: "ASIAEXAMPLE123456789",
  secretAccessKey: "secret/of+the=role",
  sessionToken: "token/of+the=session",
};

/** Both federated authenticators with a clock, a stand-in issuer and a stand-in STS. */
export class IdentitiesContext {
  now = new Date("2026-11-21T12:00:00Z");
  /** The timeout of requests in milliseconds: long, except in tests of the timeout. */
  timeoutMs = 15_000;
  readonly issuer: StandInIssuer;
  readonly sts: StandInSts;
  issuers: Issuer[];
  oidcRules: OidcRule[];
  awsRules: AwsRule[];
  /** The URLs of all requests of the authenticators, before they are redirected to a stand-in. */
  readonly requestedUrls: string[] = [];
  readonly oidc: OidcAuthenticator;
  /** The authenticator with the audience of this registry. */
  readonly aws: Authenticator;

  private constructor(issuer: StandInIssuer, sts: StandInSts) {
    this.issuer = issuer;
    this.sts = sts;
    sts.now = () => this.now;
    this.issuers = [parseIssuer({ url: issuer.url, audiences: [REGISTRY] })];
    this.oidcRules = [
      parseOidcRule({
        name: "acme-main",
        issuer: issuer.url,
        claims: { repository: "acme/*", ref: "refs/heads/main" },
      }),
    ];
    this.awsRules = [
      parseAwsRule({ name: "deployers", accounts: [ACCOUNT], arn: `arn:aws:iam::${ACCOUNT}:role/ci-*` }),
    ];
    const timeoutMs = () => this.timeoutMs;
    const shared = {
      fetch: this.#fetch,
      access: async () => this,
      now: () => this.now,
      monotonicNow: () => this.now.getTime(),
    };
    this.oidc = new OidcAuthenticator({
      ...shared,
      get timeout() {
        return timeoutMs();
      },
    });
    const aws = new AwsAuthenticator({
      ...shared,
      endpoint: (host) => {
        this.requestedUrls.push(`https://${host}`);
        return this.sts.url;
      },
      get timeout() {
        return timeoutMs();
      },
    });
    this.aws = { authenticate: (username, password) => aws.authenticate(username, password, REGISTRY) };
  }

  static async start(): Promise<IdentitiesContext> {
    const sts = await StandInSts.start();
    sts.principals.push({ credentials: CREDENTIALS, arn: ROLE });
    return new IdentitiesContext(await StandInIssuer.start(), sts);
  }

  async stop(): Promise<void> {
    await Promise.all([this.issuer.stop(), this.sts.stop()]);
  }

  readonly #fetch = async (url: string, init: RequestInit): Promise<Response> => {
    this.requestedUrls.push(url);
    return await fetch(url, init);
  };

  /** Returns the epoch seconds of a time relative to now. */
  seconds(fromNow = 0): number {
    return Math.floor(this.now.getTime() / 1000) + fromNow;
  }

  /** Returns the claims of a valid token of a job. */
  claims(changes: JWTPayload = {}): JWTPayload {
    return {
      ...{ iss: this.issuer.url, aud: REGISTRY, sub: "repo:acme/app:ref:refs/heads/main" },
      ...{ iat: this.seconds(-10), nbf: this.seconds(-10), exp: this.seconds(290), jti: "1" },
      ...{ repository: "acme/app", ref: "refs/heads/main", ...changes },
    };
  }

  async awsPassword(changes: Partial<Parameters<typeof createAwsPassword>[0]> = {}): Promise<string> {
    return await createAwsPassword({
      ...{ credentials: CREDENTIALS, region: "eu-central-1", audience: REGISTRY, now: this.now },
      ...changes,
    });
  }
}

/** Returns the URL in an AWS password. */
export function urlIn(password: string): string {
  return Buffer.from(password.slice(AWS_PASSWORD_PREFIX.length), "base64url").toString();
}

export function passwordOf(url: string): string {
  return AWS_PASSWORD_PREFIX + Buffer.from(url).toString("base64url");
}
