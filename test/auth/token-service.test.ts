import { decodeJwt } from "jose";
import { beforeEach, describe, expect, it } from "vitest";
import { CredentialsRejectedError } from "../../lib/auth/authenticator.ts";
import { indexAccess } from "../../lib/auth/cached-access.ts";
import { AUTHENTICATED_GRANTEE, parseGrantee, parseName } from "../../lib/auth/grants/grantee.ts";
import { parsePattern } from "../../lib/auth/grants/pattern.ts";
import { parseScopes } from "../../lib/auth/grants/scope.ts";
import { parseIssuer } from "../../lib/auth/oidc/issuer.ts";
import type { AccessSnapshot } from "../../lib/auth/snapshot.ts";
import { TokenKeys } from "../../lib/auth/tokens/token-keys.ts";
import { TokenService } from "../../lib/auth/tokens/token-service.ts";
import { TokenRejectedError, Tokens } from "../../lib/auth/tokens/tokens.ts";
import { clocksOf, createMemoryRegistry } from "../support/memory.ts";

const HOST = "registry.example.com";
const MINUTE = 60;

/** A token service for federated identities whose credentials are valid for five minutes. */
class TestContext {
  readonly #memory = createMemoryRegistry();
  readonly clock = this.#memory.clock;
  readonly #tokens = new Tokens(
    new TokenKeys({ records: this.#memory.records, ...clocksOf(this.clock) }),
    () => this.clock.now(),
  );
  access: AccessSnapshot = {
    ...{ accounts: [], issuers: [parseIssuer({ url: "https://gitlab.com", audiences: [HOST] })] },
    oidcRules: [{ name: parseName("job"), issuer: "https://gitlab.com", claims: { project_path: "acme/*" } }],
    awsRules: [{ name: parseName("role"), accounts: ["123456789012"] }],
    grants: ["oidc:job", "aws:role", "authenticated"].map((subject) => ({
      ...{ subject: parseGrantee(subject), pattern: parsePattern("acme/**"), actions: ["push"] },
    })),
  };
  readonly #service = new TokenService({
    ...{
      tokens: this.#tokens,
      lifetime: 300,
      now: () => this.clock.now(),
      access: async () => indexAccess(this.access),
    },
    authenticator: {
      authenticate: async (name) => {
        const notAfter = new Date(this.clock.now().getTime() + 5 * MINUTE * 1000);
        return { name: `${name} x`, grantees: [parseGrantee(name), AUTHENTICATED_GRANTEE], notAfter };
      },
    },
  });

  async signIn(name: string) {
    return await this.#issue(await this.#service.signIn(name, "secret", undefined));
  }

  async resume(refreshToken: string | undefined) {
    return await this.#issue(await this.#service.resume(refreshToken ?? "", HOST));
  }

  async #issue(identity: Parameters<TokenService["issue"]>[0]) {
    const scopes = parseScopes(["repository:acme/app:push"]);
    return await this.#service.issue(identity, { host: HOST, scopes, offline: true });
  }

  /** Returns the remaining lifetime of a token in seconds. */
  secondsLeft(token: string | undefined): number {
    return (decodeJwt(token ?? "").exp ?? 0) - this.clock.now().getTime() / 1000;
  }
}

describe.each(["oidc:job", "aws:role"])("a session of %s", (name) => {
  let context: TestContext;
  beforeEach(() => {
    context = new TestContext();
  });

  it("lasts for an hour from authentication, even if the credentials expire earlier", async () => {
    const { token, refreshToken, expiresIn } = await context.signIn(name);
    expect([context.secondsLeft(token), context.secondsLeft(refreshToken), expiresIn]).toEqual([
      3600, 3600, 3600,
    ]);
    context.clock.advance(20 * MINUTE);
    const { access } = await context.resume(refreshToken);
    expect(access).toMatchObject([{ name: "acme/app", actions: ["push"] }]);
    context.clock.advance(40 * MINUTE);
    await expect(context.resume(refreshToken)).rejects.toThrow(TokenRejectedError);
  });

  it("is not extended by the refresh tokens that it issues", async () => {
    const { refreshToken } = await context.signIn(name);
    context.clock.advance(50 * MINUTE);
    const resumed = await context.resume(refreshToken);
    expect([
      context.secondsLeft(resumed.token),
      context.secondsLeft(resumed.refreshToken),
      resumed.expiresIn,
    ]).toEqual([600, 600, 600]);
    context.clock.advance(9 * MINUTE);
    const again = await context.resume(resumed.refreshToken);
    expect([context.secondsLeft(again.token), context.secondsLeft(again.refreshToken)]).toEqual([60, 60]);
    context.clock.advance(MINUTE);
    await expect(context.resume(again.refreshToken)).rejects.toThrow(TokenRejectedError);
  });

  it("has only the permissions granted when each token is issued", async () => {
    const { refreshToken } = await context.signIn(name);
    context.access = { ...context.access, grants: [] };
    expect((await context.resume(refreshToken)).access).toMatchObject([{ actions: [], refused: ["push"] }]);
  });

  it("ends when the matching rule is removed, even if all authenticated identities have a grant", async () => {
    const { refreshToken } = await context.signIn(name);
    context.access = { ...context.access, oidcRules: [], awsRules: [] };
    await expect(context.resume(refreshToken)).rejects.toThrow(CredentialsRejectedError);
  });
});
