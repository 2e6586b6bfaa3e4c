import { beforeEach, describe, expect, it } from "vitest";
import { CredentialsRefusedError } from "../../lib/auth/authenticator.ts";
import { IdentitySourceUnavailableError } from "../../lib/auth/fetch-bounded.ts";
import { parseIssuer } from "../../lib/auth/oidc/issuer.ts";
import { parseOidcRule } from "../../lib/auth/oidc/rule.ts";
import { IdentitiesLab, REGISTRY } from "./identities-lab.ts";

let lab: IdentitiesLab;
beforeEach(async () => {
  lab = await IdentitiesLab.start();
  return () => lab.stop();
});

const logIn = (password: string) => lab.oidc.authenticate("anybody", password);

describe("OidcAuthenticator", () => {
  it.each(["RS256", "ES256", "PS256", "EdDSA"])(
    "returns the identity of a token signed with %s",
    async (algorithm) => {
      const identity = await logIn(await lab.issuer.sign(lab.claims(), algorithm));
      expect(identity).toEqual({
        name: `oidc:${lab.issuer.url} repo:acme/app:ref:refs/heads/main`,
        grantees: ["oidc:acme-main", "authenticated"],
        notAfter: new Date("2026-11-21T12:04:50Z"),
      });
    },
  );

  it("accepts a token without kid when only one key fits", async () => {
    expect(await logIn(await lab.issuer.sign(lab.claims(), "ES256", {}, ["kid"]))).toBeDefined();
  });

  it.each<[string, (lab: IdentitiesLab) => object]>([
    ["for several audiences, one of them ours", () => ({ aud: ["other", REGISTRY] })],
    ["that expired less than a minute ago", () => ({ iat: lab.seconds(-360), exp: lab.seconds(-59) })],
    ["from a clock less than a minute ahead", () => ({ iat: lab.seconds(59), nbf: lab.seconds(59) })],
    ["without nbf", () => ({ nbf: undefined })],
    ["with a list of values, one of which matches", () => ({ repository: ["other/app", "acme/app"] })],
  ])("accepts a token %s", async (_, changes) => {
    expect(await logIn(await lab.issuer.sign(lab.claims({ ...changes(lab) })))).toBeDefined();
  });

  it("matches strings, numbers and booleans, and returns the grantee of each matching rule", async () => {
    const rule = (name: string, claims: object) => parseOidcRule({ name, issuer: lab.issuer.url, claims });
    lab.oidcRules = [
      rule("number", { run: "42" }),
      rule("truth", { protected: "true" }),
      rule("deep", { workflow: "acme/**@refs/heads/*" }),
      rule("other", { run: "43" }),
    ];
    const claims = { run: 42, protected: true, workflow: "acme/ci/.github/build.yml@refs/heads/main" };
    const identity = await logIn(await lab.issuer.sign(lab.claims(claims)));
    expect(identity?.grantees).toEqual(["oidc:number", "oidc:truth", "oidc:deep", "authenticated"]);
  });

  it("reports the reason when a token is invalid", async () => {
    const token = await lab.issuer.sign(lab.claims({ aud: "other" }));
    await expect(logIn(token)).rejects.toThrow('the token is not valid: unexpected "aud" claim value');
  });

  it("does not match rules of another issuer", async () => {
    const claims = { repository: "acme/*" };
    lab.oidcRules = [
      parseOidcRule({ name: "theirs", issuer: "https://ci.example", claims }),
      parseOidcRule({ name: "with-slash", issuer: `${lab.issuer.url}/`, claims }),
    ];
    await expect(logIn(await lab.issuer.sign(lab.claims()))).rejects.toThrow(
      "matches no rule: the issuer has no rule",
    );
    lab.oidcRules.push(parseOidcRule({ name: "ours", issuer: lab.issuer.url, claims }));
    expect((await logIn(await lab.issuer.sign(lab.claims())))?.grantees).toEqual([
      "oidc:ours",
      "authenticated",
    ]);
  });

  it("reports the claim that does not match", async () => {
    const token = await lab.issuer.sign(lab.claims({ ref: "refs/heads/work" }));
    await expect(logIn(token)).rejects.toThrow(
      'matches no rule; acme-main requires ref to match "refs/heads/main", but the claim is "refs/heads/work"',
    );
  });
});

it.each(["", "secret", "a.b.c", "eyJhIjoxfQ.e30.", "dockless-aws-v1.abc"])(
  "returns undefined for %j, which is not a token",
  async (password) => {
    expect(await logIn(password)).toBeUndefined();
  },
);

describe("the keys of an issuer", () => {
  const token = (kid = "RS256") => lab.issuer.sign(lab.claims(), kid);
  const jwksRequests = () => lab.issuer.asked.filter((path) => path === "/jwks").length;
  const pass = (seconds: number) => {
    lab.now = new Date(lab.now.getTime() + seconds * 1000);
  };
  const breakDown = () => lab.issuer.responses.set("/jwks", (response) => response.writeHead(503).end());

  it("are fetched once for concurrent requests", async () => {
    const tokens = await Promise.all([token(), token("ES256"), token("EdDSA")]);
    await Promise.all(tokens.map(logIn));
    expect(lab.issuer.asked).toEqual(["/.well-known/openid-configuration", "/jwks"]);
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
    await lab.issuer.addKey("RS256#2", "RS256");
    pass(31);
    expect(await logIn(await token("RS256#2"))).toBeDefined();
    expect(jwksRequests()).toBe(2);
  });

  it("are fetched at most once in 30 seconds, for any number of unknown kids", async () => {
    await logIn(await token());
    pass(31);
    for (const kid of ["a", "b", "c"]) {
      const forged = await lab.issuer.sign(lab.claims(), "RS256", { kid });
      await expect(logIn(forged)).rejects.toThrow(CredentialsRefusedError);
    }
    expect(jwksRequests()).toBe(2);
  });

  it("are rejected after they were withdrawn and fetched again", async () => {
    await logIn(await token());
    lab.issuer.removeKey("RS256");
    pass(601);
    await expect(logIn(await token())).rejects.toThrow(CredentialsRefusedError);
  });

  it("are used for six hours while the issuer is down, and no longer", async () => {
    await logIn(await token());
    breakDown();
    pass(6 * 3600 - 1);
    expect(await logIn(await token())).toBeDefined();
    pass(2);
    await expect(logIn(await token())).rejects.toThrow(/jwks: responded with status 503/);
  });

  it("cause an unavailable error when they cannot be fetched, and are soon fetched again", async () => {
    const { responses } = lab.issuer;
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
    lab.issuers = [
      parseIssuer({ url: "https://ci.example", audiences: [REGISTRY], jwksUrl: `${lab.issuer.url}/jwks` }),
    ];
    lab.oidcRules = [parseOidcRule({ name: "any", issuer: "https://ci.example", any: true })];
    const identity = await logIn(await lab.issuer.sign(lab.claims({ iss: "https://ci.example" })));
    expect(identity?.grantees).toContain("oidc:any");
    expect(lab.issuer.asked).toEqual(["/jwks"]);
  });
});
