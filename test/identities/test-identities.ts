import { parseAccessFile } from "../../lib/auth/access-file/access-file.ts";
import { applyPlan, planAccess } from "../../lib/auth/access-file/access-plan.ts";
import { createAwsPassword } from "../../lib/auth/aws/create-password.ts";
import { loadAccess } from "../../lib/auth/snapshot.ts";
import type { RecordStore } from "../../lib/ports/record-store.ts";
import type { Credentials } from "../clients/registry.ts";
import { StandInIssuer } from "../support/stand-ins/issuer.ts";
import { StandInSts } from "../support/stand-ins/sts.ts";

/** Pattern of the repositories of the client suite, to which all identities may push. */
const PUSH_PATTERN = "clients-*/**";
/** First segment of the repositories from which the user may pull, without pushing to them. */
export const READ_ONLY = "read-only";
/** First segment of the repositories from which anonymous clients may pull. */
export const PUBLIC = "public";

const AWS_ACCOUNT_ID = "123456789012";
/** Credentials with the length of a role session with a session policy and tags: their password has four thousand characters. */
const AWS_CREDENTIALS = {
  accessKeyId: "ASIAEXAMPLE123456789",
  secretAccessKey: "secret/of+the=role",
  sessionToken: `${"IQoJb3JpZ2luX2VjE+/".repeat(110)}==`,
};

/** Kinds of identities. */
export const IDENTITY_KINDS = ["user", "robot", "oidc", "aws"] as const;
/** Kind of an identity. */
export type IdentityKind = (typeof IDENTITY_KINDS)[number];

/** Valid and invalid credentials of one identity. */
export interface TestCredentials {
  readonly valid: Credentials;
  readonly invalid: Credentials;
}

/** All identities of the suite, with the stand-ins of the OIDC issuer and of STS. */
export class TestIdentities {
  readonly #issuer: StandInIssuer;
  readonly #sts: StandInSts;
  readonly #secrets = new Map<IdentityKind, string>();

  private constructor(issuer: StandInIssuer, sts: StandInSts) {
    this.#issuer = issuer;
    this.#sts = sts;
  }

  /** Starts the stand-ins. */
  static async start(): Promise<TestIdentities> {
    const sts = await StandInSts.start();
    const arn = `arn:aws:sts::${AWS_ACCOUNT_ID}:assumed-role/ci-deploy/i-0123456789abcdef0`;
    sts.principals.push({ credentials: AWS_CREDENTIALS, arn });
    return new TestIdentities(await StandInIssuer.start(["RS256"]), sts);
  }

  get stsUrl(): string {
    return this.#sts.url;
  }

  /** Number of requests to STS. */
  get stsRequestCount(): number {
    return this.#sts.receivedRequests.length;
  }

  async stop(): Promise<void> {
    await Promise.all([this.#issuer.stop(), this.#sts.stop()]);
  }

  /** Configures a registry: grants the same access to each identity, and pulls from public repositories to anonymous clients. */
  async configure(records: RecordStore, host: string): Promise<void> {
    const plan = planAccess(await loadAccess(records), parseAccessFile(this.#accessFile(host)), {
      create: true,
      pruneAccounts: false,
    });
    const onSecret = (kind: IdentityKind, _: string, secret: string) => void this.#secrets.set(kind, secret);
    await applyPlan(records, plan, { now: () => new Date(), onSecret });
  }

  #accessFile(host: string) {
    const issuer = this.#issuer.url;
    const claims = { repository: "acme/*", ref: "refs/heads/main" };
    const pushers = ["user:alice", "robot:ci", "oidc:main", "aws:deployers"];
    return {
      users: [{ name: "alice" }],
      robots: [{ name: "ci" }],
      issuers: [{ url: issuer, audiences: [host] }],
      oidcRules: [{ name: "main", issuer, claims }],
      awsRules: [
        { name: "deployers", accounts: [AWS_ACCOUNT_ID], arn: `arn:aws:iam::${AWS_ACCOUNT_ID}:role/ci-*` },
      ],
      grants: [
        ...pushers.map((subject) => ({ subject, pattern: PUSH_PATTERN, actions: ["pull", "push"] })),
        { subject: "user:alice", pattern: `${PUBLIC}/**`, actions: ["pull", "push"] },
        { subject: "user:alice", pattern: `${READ_ONLY}/**`, actions: ["pull"] },
        { subject: "anonymous", pattern: `${PUBLIC}/**`, actions: ["pull"] },
      ],
    };
  }

  /** Creates credentials of an identity. AWS passwords have a lifetime of a quarter of an hour, so they are not reused. */
  async createCredentials(kind: IdentityKind, host: string): Promise<TestCredentials> {
    switch (kind) {
      case "user":
        return toPerson("alice", this.#secrets.get(kind) ?? "", "a wrong password");
      case "robot":
        return toPerson("ci", this.#secrets.get(kind) ?? "", "a wrong password");
      case "oidc":
        return toPerson("oidc", await this.#token(host), await this.#token("another.example.com"));
      case "aws":
        return toPerson(
          "aws",
          await createAwsPasswordFor(host),
          await createAwsPasswordFor("another.example.com"),
        );
    }
  }

  /** Signs a token of the length that GitHub issues: about two thousand characters. */
  async #token(audience: string): Promise<string> {
    const now = Math.floor(Date.now() / 1000);
    const filler = Object.fromEntries(
      Array.from({ length: 15 }, (_, index) => [
        `claim_${index}`,
        "acme/app/.github/workflows/release.yml@refs/heads/main",
      ]),
    );
    return await this.#issuer.sign({
      ...{ iss: this.#issuer.url, aud: audience, sub: "repo:acme/app:ref:refs/heads/main", jti: "1" },
      ...{ iat: now - 5, nbf: now - 5, exp: now + 3600 },
      ...{ repository: "acme/app", ref: "refs/heads/main", ...filler },
    });
  }
}

async function createAwsPasswordFor(audience: string): Promise<string> {
  const credentials = AWS_CREDENTIALS;
  return await createAwsPassword({ credentials, region: "eu-central-1", audience, now: new Date() });
}

function toPerson(username: string, good: string, bad: string): TestCredentials {
  return { valid: { username, password: good }, invalid: { username, password: bad } };
}
