import { beforeEach, describe, expect, it } from "vitest";
import { CredentialsRejectedError } from "../../lib/auth/authenticator.ts";
import { IdentitySourceUnavailableError } from "../../lib/auth/fetch-bounded.ts";
import { parseIssuer } from "../../lib/auth/oidc/issuer.ts";
import { parseOidcRule } from "../../lib/auth/oidc/rule.ts";
import { IdentitiesContext, REGISTRY } from "./identities-context.ts";

let context: IdentitiesContext;
beforeEach(async () => {
  context = await IdentitiesContext.start();
  return () => context.stop();
});

const logIn = (password: string) => context.oidc.authenticate("anybody", password);

describe("OidcAuthenticator", () => {
  it.each(["RS256", "ES256", "PS256", "EdDSA"])(
    "returns the identity of a token signed with %s",
    async (algorithm) => {
      const identity = await logIn(await context.issuer.sign(context.claims(), algorithm));
      expect(identity).toEqual({
        name: `oidc:${context.issuer.url} repo:acme/app:ref:refs/heads/main`,
        grantees: ["oidc:acme-main", "authenticated"],
        notAfter: new Date("2026-11-21T12:04:50Z"),
      });
    },
  );

  it("accepts a token without kid when exactly one key matches", async () => {
    expect(await logIn(await context.issuer.sign(context.claims(), "ES256", {}, ["kid"]))).toBeDefined();
  });

  it.each<[string, (context: IdentitiesContext) => object]>([
    ["with several audiences, including this registry", () => ({ aud: ["other", REGISTRY] })],
    [
      "that expired less than a minute ago",
      () => ({ iat: context.seconds(-360), exp: context.seconds(-59) }),
    ],
    ["from a clock less than a minute ahead", () => ({ iat: context.seconds(59), nbf: context.seconds(59) })],
    ["without nbf", () => ({ nbf: undefined })],
    ["with a list of values, one of which matches", () => ({ repository: ["other/app", "acme/app"] })],
  ])("accepts a token %s", async (_, changes) => {
    expect(await logIn(await context.issuer.sign(context.claims({ ...changes(context) })))).toBeDefined();
  });

  it("matches strings, numbers and booleans, and returns the grantee of each matching rule", async () => {
    const rule = (name: string, claims: object) =>
      parseOidcRule({ name, issuer: context.issuer.url, claims });
    context.oidcRules = [
      rule("number", { run: "42" }),
      rule("truth", { protected: "true" }),
      rule("deep", { workflow: "acme/**@refs/heads/*" }),
      rule("other", { run: "43" }),
    ];
    const claims = { run: 42, protected: true, workflow: "acme/ci/.github/build.yml@refs/heads/main" };
    const identity = await logIn(await context.issuer.sign(context.claims(claims)));
    expect(identity?.grantees).toEqual(["oidc:number", "oidc:truth", "oidc:deep", "authenticated"]);
  });

  it("reports the reason when a token is invalid", async () => {
    const token = await context.issuer.sign(context.claims({ aud: "other" }));
    await expect(logIn(token)).rejects.toThrow('the token is not valid: unexpected "aud" claim value');
  });

  it("does not match rules of another issuer", async () => {
    const claims = { repository: "acme/*" };
    context.oidcRules = [
      parseOidcRule({ name: "theirs", issuer: "https://ci.example", claims }),
      parseOidcRule({ name: "with-slash", issuer: `${context.issuer.url}/`, claims }),
    ];
    await expect(logIn(await context.issuer.sign(context.claims()))).rejects.toThrow(
      "matches no rule: the issuer has no rule",
    );
    context.oidcRules.push(parseOidcRule({ name: "ours", issuer: context.issuer.url, claims }));
    expect((await logIn(await context.issuer.sign(context.claims())))?.grantees).toEqual([
      "oidc:ours",
      "authenticated",
    ]);
  });

  it("reports the claim that does not match", async () => {
    const token = await context.issuer.sign(context.claims({ ref: "refs/heads/work" }));
    await expect(logIn(token)).rejects.toThrow(
      'matches no rule; acme-main requires ref to match "refs/heads/main", but the claim is "refs/heads/work"',
    );
  });
});

it.each(["", "secret", "a.b.c", "eyJhIjoxfQ.e30.", "dockless-aws-v1.abc"])(
  "returns undefined for %j, which is not a JWT",
  async (password) => {
    expect(await logIn(password)).toBeUndefined();
  },
);

describe("the keys of an issuer", () => {
  const token = (kid = "RS256") => context.issuer.sign(context.claims(), kid);
  const jwksRequests = () => context.issuer.requestedPaths.filter((path) => path === "/jwks").length;
  const pass = (seconds: number) => {
    context.now = new Date(context.now.getTime() + seconds * 1000);
  };
  const breakDown = () => context.issuer.responses.set("/jwks", (response) => response.writeHead(503).end());

  it("are fetched once for concurrent requests", async () => {
    const tokens = await Promise.all([token(), token("ES256"), token("EdDSA")]);
    await Promise.all(tokens.map(logIn));
    expect(context.issuer.requestedPaths).toEqual(["/.well-known/openid-configuration", "/jwks"]);
  });

  it("are cached for ten minutes", async () => {
    await logIn(await token());
    pass(599);
    await logIn(await token());
    expect(jwksRequests()).toBe(1);
    pass(2);
    await logIn(await token());
    expect(jwksRequests()).toBe(2);
  });

  it("are fetched again when a token has an unknown kid", async () => {
    await logIn(await token());
    await context.issuer.addKey("RS256#2", "RS256");
    pass(31);
    expect(await logIn(await token("RS256#2"))).toBeDefined();
    expect(jwksRequests()).toBe(2);
  });

  it("are fetched at most once in 30 seconds, for any number of unknown kids", async () => {
    await logIn(await token());
    pass(31);
    for (const kid of ["a", "b", "c"]) {
      const forged = await context.issuer.sign(context.claims(), "RS256", { kid });
      await expect(logIn(forged)).rejects.toThrow(CredentialsRejectedError);
    }
    expect(jwksRequests()).toBe(2);
  });

  it("are rejected once they were withdrawn and the key set was fetched again", async () => {
    await logIn(await token());
    context.issuer.removeKey("RS256");
    pass(601);
    await expect(logIn(await token())).rejects.toThrow(CredentialsRejectedError);
  });

  it("are used for at most six hours while the issuer is unreachable", async () => {
    await logIn(await token());
    breakDown();
    pass(6 * 3600 - 1);
    expect(await logIn(await token())).toBeDefined();
    pass(2);
    await expect(logIn(await token())).rejects.toThrow(/jwks: responded with status 503/);
  });

  it("cause an unavailability error when they cannot be fetched, and are fetched again soon after", async () => {
    const { responses } = context.issuer;
    const working = responses.get("/jwks") ?? expect.fail();
    breakDown();
    await expect(logIn(await token())).rejects.toThrow(IdentitySourceUnavailableError);
    await expect(logIn(await token())).rejects.toThrow(IdentitySourceUnavailableError);
    expect(jwksRequests()).toBe(1);
    responses.set("/jwks", working);
    pass(2);
    expect(await logIn(await token())).toBeDefined();
  });

  it("are fetched from a configured jwksUrl, without discovery", async () => {
    context.issuers = [
      parseIssuer({
        url: "https://ci.example",
        audiences: [REGISTRY],
        jwksUrl: `${context.issuer.url}/jwks`,
      }),
    ];
    context.oidcRules = [parseOidcRule({ name: "any", issuer: "https://ci.example", any: true })];
    const identity = await logIn(await context.issuer.sign(context.claims({ iss: "https://ci.example" })));
    expect(identity?.grantees).toContain("oidc:any");
    expect(context.issuer.requestedPaths).toEqual(["/jwks"]);
  });
});
