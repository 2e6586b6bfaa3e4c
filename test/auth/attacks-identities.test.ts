import { beforeEach, describe, expect, it } from "vitest";
import { parseAwsRule } from "../../lib/auth/aws/rule.ts";
import { MalformedError } from "../../lib/auth/malformed-error.ts";
import { parseIssuer } from "../../lib/auth/oidc/issuer.ts";
import { parseOidcRule } from "../../lib/auth/oidc/rule.ts";
import { AWS_ATTACKS } from "./attacks/aws.ts";
import { AWS_RESPONSES } from "./attacks/aws-responses.ts";
import { CONFIGURATIONS } from "./attacks/configurations.ts";
import { ISSUER_ATTACKS } from "./attacks/issuers.ts";
import { TOKEN_ATTACKS } from "./attacks/tokens.ts";
import { IdentitiesContext } from "./identities-context.ts";

let context: IdentitiesContext;
beforeEach(async () => {
  context = await IdentitiesContext.start();
  return () => context.stop();
});

/** The result when authenticate returns instead of throwing: an undefined identity lets the next authenticator try. */
const NOT_REFUSED = "was not refused";

async function reasonOf(attempt: Promise<unknown>): Promise<string> {
  return await attempt.then(
    () => NOT_REFUSED,
    (error: unknown) => (error instanceof Error ? `${error.name}: ${error.message}` : String(error)),
  );
}

describe("the valid credentials that the attacks vary", () => {
  it("include an OIDC token that is accepted", async () => {
    expect(await context.oidc.authenticate("", await context.issuer.sign(context.claims()))).toBeDefined();
  });

  it("include an AWS password that is accepted", async () => {
    expect(await context.aws.authenticate("", await context.awsPassword())).toBeDefined();
  });
});

describe("OidcAuthenticator rejects a token:", () => {
  it.each(TOKEN_ATTACKS)("$attack", async ({ password, why }) => {
    expect(await reasonOf(context.oidc.authenticate("x", await password(context)))).toMatch(why);
    // Keys are fetched from the configured issuer only, whatever URLs a token contains.
    const own = [`${context.issuer.url}/.well-known/openid-configuration`, `${context.issuer.url}/jwks`];
    expect([own, []]).toContainEqual(context.requestedUrls);
  });
});

describe("OidcAuthenticator rejects an issuer", () => {
  it.each(ISSUER_ATTACKS)("$attack", async ({ prepare, why, requests }) => {
    await prepare(context);
    expect(
      await reasonOf(context.oidc.authenticate("x", await context.issuer.sign(context.claims()))),
    ).toMatch(why);
    expect(context.requestedUrls.map((url) => url.replace(context.issuer.url, ""))).toEqual(requests);
  });
});

describe("AwsAuthenticator rejects a password without a request to STS:", () => {
  it.each(AWS_ATTACKS)("$attack", async ({ password, why }) => {
    expect(await reasonOf(context.aws.authenticate("aws", await password(context)))).toMatch(why);
    expect(context.requestedUrls).toEqual([]);
  });
});

describe("AwsAuthenticator rejects a password because of the response from STS:", () => {
  it.each(AWS_RESPONSES)("$attack", async ({ password, why }) => {
    expect(await reasonOf(context.aws.authenticate("aws", await password(context)))).toMatch(why);
    expect(context.sts.receivedRequests).toHaveLength(1);
    expect(context.requestedUrls[0]).toMatch(/^https:\/\/sts\.eu-central-1\.amazonaws\.com$/);
  });
});

const PARSERS = { issuer: parseIssuer, oidcRule: parseOidcRule, awsRule: parseAwsRule };

describe("the parsers reject", () => {
  it.each(CONFIGURATIONS)("$attack", ({ kind, value, why }) => {
    expect(() => PARSERS[kind](value)).toThrow(MalformedError);
    expect(() => PARSERS[kind](value)).toThrow(why);
  });
});
