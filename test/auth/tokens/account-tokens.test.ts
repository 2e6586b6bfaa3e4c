import { decodeJwt } from "jose";
import { beforeEach, describe, expect, it } from "vitest";
import type { Account } from "../../../lib/auth/accounts/accounts.ts";
import { identityOf } from "../../../lib/auth/accounts/passwords.ts";
import { indexAccess } from "../../../lib/auth/cached-access.ts";
import { parseGrantee, parseName } from "../../../lib/auth/grants/grantee.ts";
import type { Grant } from "../../../lib/auth/grants/grants.ts";
import { parsePattern } from "../../../lib/auth/grants/pattern.ts";
import { parseScopes } from "../../../lib/auth/grants/scope.ts";
import { ANONYMOUS, type Identity } from "../../../lib/auth/identity.ts";
import { TokenKeys } from "../../../lib/auth/tokens/token-keys.ts";
import { TokenService } from "../../../lib/auth/tokens/token-service.ts";
import { Tokens } from "../../../lib/auth/tokens/tokens.ts";
import { clocksOf, createMemoryRegistry, type MemoryRegistry } from "../../support/memory.ts";

const HOST = "registry.example.com";
const DAY = 86_400;

let memory: MemoryRegistry;
let service: TokenService;
let accounts: Account[];
let grants: Grant[];
let credentials: Identity | undefined;

beforeEach(() => {
  memory = createMemoryRegistry();
  const now = () => memory.clock.now();
  const tokens = new Tokens(new TokenKeys({ records: memory.records, ...clocksOf(memory.clock) }), now);
  accounts = [account()];
  grants = [];
  credentials = undefined;
  const access = async () => indexAccess({ accounts, grants, issuers: [], oidcRules: [], awsRules: [] });
  const authenticator = { authenticate: async () => credentials };
  service = new TokenService({ tokens, authenticator, lifetime: 300, now, access });
});

const later = (seconds: number) => new Date(memory.clock.now().getTime() + seconds * 1000);

function account(expires?: Date): Account {
  const secret = { id: "one", hash: "hash", created: memory.clock.now().toISOString() };
  return {
    ...{ kind: "user", name: parseName("alice"), groups: [], version: "1", created: secret.created },
    secrets: [{ ...secret, ...(expires === undefined ? {} : { expires: expires.toISOString() }) }],
  };
}

function identity(): Identity {
  const [alice] = accounts;
  const [secret] = alice?.secrets ?? [];
  if (alice === undefined || secret === undefined) throw new Error("no alice");
  return identityOf(alice, secret);
}

async function issue(of: Identity, ...scopes: readonly string[]) {
  return await service.issue(of, { host: HOST, scopes: parseScopes(scopes), offline: true });
}

const endOf = (token = "") => (decodeJwt(token).exp ?? 0) * 1000;

describe("the access in a token", () => {
  const grant = (subject: string, pattern: string, actions: Grant["actions"]) =>
    grants.push({ subject: parseGrantee(subject), pattern: parsePattern(pattern), actions });

  it("lists allowed and denied actions, and the grants that decided", async () => {
    grant("user:alice", "acme/*", ["pull"]);
    const { access } = await issue(identity(), "repository:acme/app:pull,push", "repository:other:pull");
    expect(access).toEqual([
      {
        type: "repository",
        name: "acme/app",
        actions: ["pull"],
        refused: ["push"],
        rules: [expect.stringContaining("acme/*")],
      },
      { type: "repository", name: "other", actions: [], refused: ["pull"] },
    ]);
  });

  it("lists a grant once, and no denied actions when all are allowed", async () => {
    grant("user:alice", "acme/*", ["pull", "push"]);
    const { access } = await issue(identity(), "repository:acme/app:pull,push");
    expect(access).toMatchObject([{ actions: ["pull", "push"], rules: [expect.any(String)] }]);
    expect(access[0]).not.toHaveProperty("refused");
  });

  it("has no entry for the catalog, which has its own claim", async () => {
    const catalog = await issue(identity(), "registry:catalog:*", "repository:acme/app:pull");
    expect(catalog.access).toHaveLength(1);
    expect(decodeJwt(catalog.token)["catalog"]).toEqual(["user:alice", "authenticated", "anonymous"]);
    const other = await issue(identity(), "repository:acme/app:pull");
    expect(decodeJwt(other.token)).not.toHaveProperty("catalog");
  });
});

describe("a refresh token", () => {
  it("expires after 90 days, or with the secret", async () => {
    expect(endOf((await issue(identity())).refreshToken)).toBe(later(90 * DAY).getTime());
    accounts = [account(later(DAY))];
    const { refreshToken, token } = await issue(identity());
    expect(endOf(refreshToken)).toBe(later(DAY).getTime());
    expect(endOf(token)).toBe(later(300).getTime());
  });

  it("yields the current account, until the token or the secret expires, whichever is first", async () => {
    const { refreshToken = "" } = await issue(identity());
    expect(decodeJwt(refreshToken)).not.toHaveProperty("subjects");
    expect(await service.resume(refreshToken, HOST)).toMatchObject({
      ...{ name: "user:alice", secret: "one", notAfter: later(90 * DAY) },
    });
    accounts = [account(later(DAY))];
    expect((await service.resume(refreshToken, HOST)).notAfter).toEqual(later(DAY));
    accounts = [account(later(100 * DAY))];
    expect((await service.resume(refreshToken, HOST)).notAfter).toEqual(later(90 * DAY));
  });

  it("is rejected once the account or its secret is removed or has expired", async () => {
    const { refreshToken = "" } = await issue(identity());
    const refused = async () =>
      await expect(service.resume(refreshToken, HOST)).rejects.toThrow(
        "user:alice: secret one has been revoked",
      );
    accounts = [account(memory.clock.now())];
    await refused();
    accounts = [{ ...account(), secrets: [] }];
    await refused();
    accounts = [];
    await refused();
  });

  it("is rejected by another registry", async () => {
    const { refreshToken = "" } = await issue(identity());
    const resumed = service.resume(refreshToken, "other.example");
    await expect(resumed).rejects.toThrow("user:alice: refresh token from another registry");
  });

  it("is not issued without an account", async () => {
    const { refreshToken, expiresIn } = await issue(ANONYMOUS);
    expect([refreshToken, expiresIn]).toEqual([undefined, 300]);
  });
});

describe("an authentication", () => {
  it("of an account has no session, and of unknown credentials fails", async () => {
    await expect(service.signIn("alice", "x", undefined)).rejects.toThrow("unsupported type of credentials");
    credentials = identity();
    expect(await service.signIn("alice", "x", undefined)).toEqual(identity());
  });
});
