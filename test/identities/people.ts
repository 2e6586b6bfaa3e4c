import { addAccount } from "../../bin/accounts.ts";
import { grant, listAccess, revoke } from "../../bin/grants.ts";
import { makePassword } from "../../lib/auth/aws/sign.ts";
import { saveAwsRule, saveIssuer, saveOidcRule } from "../../lib/auth/identity-rules.ts";
import type { PrincipalKind } from "../../lib/auth/principals.ts";
import type { RecordStore } from "../../lib/registry/ports.ts";
import type { Credentials } from "../clients/registry.ts";
import { StandInIssuer } from "../support/stand-in-issuer.ts";
import { StandInSts } from "../support/stand-in-sts.ts";

/** Where those who sign in may push: where the client suite does. */
const PUSHABLE = "clients-*/**";
/** Where nobody needs to sign in to pull. */
export const PUBLIC = "public";

const ACCOUNT = "123456789012";
/** As long as those of a role with a session policy and tags: they make a password of four thousand characters. */
const AWS_CREDENTIALS = {
  accessKeyId: "ASIAEXAMPLE123456789",
  secretAccessKey: "secret/of+the=role",
  sessionToken: `${"IQoJb3JpZ2luX2VjE+/".repeat(110)}==`,
};

export const KINDS = ["user", "robot", "oidc", "aws"] as const;
export type Kind = (typeof KINDS)[number];

/** Who signs in at a registry, with what is good there and with what is not. */
export interface Person {
  readonly good: Credentials;
  readonly bad: Credentials;
}

/** All who sign in, and the stand-ins for those who know them. */
export class People {
  readonly #issuer: StandInIssuer;
  readonly #sts: StandInSts;
  readonly #secrets = new Map<Kind, string>();

  private constructor(issuer: StandInIssuer, sts: StandInSts) {
    this.#issuer = issuer;
    this.#sts = sts;
  }

  static async start(): Promise<People> {
    const sts = await StandInSts.start();
    const arn = `arn:aws:sts::${ACCOUNT}:assumed-role/ci-deploy/i-0123456789abcdef0`;
    sts.principals.push({ credentials: AWS_CREDENTIALS, arn });
    return new People(await StandInIssuer.start(["RS256"]), sts);
  }

  get stsUrl(): string {
    return this.#sts.url;
  }

  /** How often STS was asked. */
  get askedOfSts(): number {
    return this.#sts.asked.length;
  }

  async stop(): Promise<void> {
    await Promise.all([this.#issuer.stop(), this.#sts.stop()]);
  }

  /** Gives each of them the same, and everybody else the public repositories. */
  async settle(records: RecordStore, host: string): Promise<void> {
    const { grants } = await listAccess(records);
    for (const { subject, pattern } of grants) await revoke(records, subject, pattern);
    this.#secrets.set("user", await secretOf(records, "user", "alice"));
    this.#secrets.set("robot", await secretOf(records, "robot", "ci"));
    const issuer = this.#issuer.url;
    await saveIssuer(records, { url: issuer, audiences: [host] });
    await saveOidcRule(records, {
      name: "main",
      issuer,
      claims: { repository: "acme/*", ref: "refs/heads/main" },
    });
    await saveAwsRule(records, {
      ...{ name: "deployers", accounts: [ACCOUNT], arn: `arn:aws:iam::${ACCOUNT}:role/ci-*` },
    });
    for (const who of ["user:alice", "robot:ci", "oidc:main", "aws:deployers"]) {
      await grant(records, who, PUSHABLE, "pull,push");
    }
    await grant(records, "user:alice", `${PUBLIC}/**`, "pull,push");
    await grant(records, "anonymous", `${PUBLIC}/**`, "pull");
  }

  /** Made anew each time, since what AWS gives lasts for a quarter of an hour. */
  async person(kind: Kind, host: string): Promise<Person> {
    switch (kind) {
      case "user":
        return passwords("alice", this.#secrets.get(kind) ?? "", "a wrong password");
      case "robot":
        return passwords("ci", this.#secrets.get(kind) ?? "", "a wrong password");
      case "oidc":
        return passwords("oidc", await this.#token(host), await this.#token("another.example.com"));
      case "aws":
        return passwords("aws", await awsPassword(host), await awsPassword("another.example.com"));
    }
  }

  /** As long as GitHub's: about two thousand characters. */
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

async function secretOf(records: RecordStore, kind: PrincipalKind, name: string): Promise<string> {
  const options = { groups: [], expires: undefined };
  return (await addAccount(records, kind, name, options, new Date())).secret;
}

async function awsPassword(audience: string): Promise<string> {
  const credentials = AWS_CREDENTIALS;
  return await makePassword({ credentials, region: "eu-central-1", audience, now: new Date() });
}

function passwords(username: string, good: string, bad: string): Person {
  return { good: { username, password: good }, bad: { username, password: bad } };
}
