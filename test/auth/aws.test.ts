import { beforeEach, describe, expect, it } from "vitest";
import { AwsAuthenticator } from "../../lib/auth/aws/authenticator.ts";
import { parsePrincipal } from "../../lib/auth/aws/principal.ts";
import { matchesAwsRule, parseAwsRule } from "../../lib/auth/aws/rule.ts";
import { hostOfRegion, regionOfHost } from "../../lib/auth/aws/sts-host.ts";
import { ACCOUNT, IdentitiesContext, ROLE } from "./identities-context.ts";

let context: IdentitiesContext;
beforeEach(async () => {
  context = await IdentitiesContext.start();
  return () => context.stop();
});

const logIn = (password: string) => context.aws.authenticate("aws", password);

describe("AwsAuthenticator", () => {
  it("returns the identity of the role until the password expires", async () => {
    expect(await logIn(await context.awsPassword())).toEqual({
      name: `aws:${ROLE}`,
      grantees: ["aws:deployers", "authenticated"],
      notAfter: new Date("2026-11-21T12:15:00Z"),
    });
  });

  it("accepts a user with long-term keys", async () => {
    const arn = `arn:aws:iam::${ACCOUNT}:user/team/alice`;
    const credentials = { accessKeyId: "AKIAALICE12345678901", secretAccessKey: "s" };
    context.sts.principals.push({ credentials, arn });
    context.awsRules = [
      parseAwsRule({ name: "people", accounts: [ACCOUNT], arn: "arn:aws:iam::*:user/team/*" }),
    ];
    expect(await logIn(await context.awsPassword({ credentials }))).toMatchObject({
      name: `aws:${arn}`,
      grantees: ["aws:people", "authenticated"],
    });
  });

  it.each(["us-east-1", "eu-central-1", "ap-southeast-7", "us-gov-west-1"])(
    "accepts a password signed for %s",
    async (region) => {
      expect(await logIn(await context.awsPassword({ region }))).toBeDefined();
      expect(context.requestedUrls[0]).toBe(`https://sts.${region}.amazonaws.com`);
    },
  );

  it("accepts a signer's clock up to five minutes ahead", async () => {
    const now = new Date(context.now.getTime() + 299_000);
    expect(await logIn(await context.awsPassword({ now }))).toBeDefined();
  });

  it("sends exactly the signed parameters to STS", async () => {
    await logIn(await context.awsPassword());
    const [receivedRequest = ""] = context.sts.receivedRequests;
    expect(new URL(receivedRequest.replace("GET ", "https://sts")).searchParams.size).toBe(9);
  });

  it("sends a request to STS each time, so that keys revoked by AWS are rejected", async () => {
    const password = await context.awsPassword();
    await logIn(password);
    context.sts.principals.length = 0;
    await expect(logIn(password)).rejects.toThrow(
      "STS rejected the AWS password (403, InvalidClientTokenId)",
    );
  });

  it("rejects a password when no public URL is configured", async () => {
    const aws = new AwsAuthenticator({
      ...{ fetch, access: async () => context, now: () => context.now, endpoint: () => context.sts.url },
    });
    const password = await context.awsPassword();
    await expect(aws.authenticate("aws", password)).rejects.toThrow(
      "no public URL is configured for the registry",
    );
    expect(context.sts.receivedRequests).toEqual([]);
  });

  it("sends no request to STS when there is no rule", async () => {
    context.awsRules = [];
    await expect(logIn(await context.awsPassword())).rejects.toThrow("there is no rule for AWS principals");
    expect(context.requestedUrls).toEqual([]);
  });

  it.each(["", "secret", "dockless-aws-v1", "Dockless-aws-v1.x", "dockless-aws-v2.x"])(
    "returns undefined for %j, which is not an AWS password",
    async (password) => {
      expect(await logIn(password)).toBeUndefined();
    },
  );
});

describe("an STS host", () => {
  it.each([
    ["sts.amazonaws.com", "us-east-1"],
    ["sts.us-east-1.amazonaws.com", "us-east-1"],
    ["sts.ap-northeast-3.amazonaws.com", "ap-northeast-3"],
    ["sts.us-gov-east-1.amazonaws.com", "us-gov-east-1"],
    ["sts.cn-northwest-1.amazonaws.com.cn", "cn-northwest-1"],
    ["sts-fips.us-west-2.amazonaws.com", "us-west-2"],
  ])("%s belongs to %s", (host, region) => {
    expect(regionOfHost(host)).toBe(region);
  });

  it.each(["us-east-1", "eu-south-2", "cn-north-1", "us-gov-west-1", "il-central-1", "mx-central-1"])(
    "exists in %s",
    (region) => {
      expect(regionOfHost(hostOfRegion(region) ?? "")).toBe(region);
    },
  );

  it.each(["", "evil", "us-east-1.evil.com/", "us-east-1@evil.com", "us-evil-1"])(
    "does not exist in %j",
    (region) => {
      expect(hostOfRegion(region)).toBeUndefined();
    },
  );
});

describe("an AWS rule", () => {
  const isMatch = (rule: object, arn: string) => {
    const principal = parsePrincipal(arn);
    return principal && matchesAwsRule(parseAwsRule({ name: "r", accounts: [ACCOUNT], ...rule }), principal);
  };
  const role = `arn:aws:iam::${ACCOUNT}:role`;
  const sso = `arn:aws:sts::${ACCOUNT}:assumed-role/AWSReservedSSO_Dev_0a1b/alice@example.com`;

  it.each<[string, object, string, boolean]>([
    ["matches all principals in its accounts", {}, ROLE, true],
    ["matches the root user of its accounts", {}, `arn:aws:iam::${ACCOUNT}:root`, true],
    ["does not match another partition by default", {}, ROLE.replace("aws", "aws-cn"), false],
    [
      "matches another partition that its ARN names",
      { arn: "arn:aws-cn:**" },
      ROLE.replace("aws", "aws-cn"),
      true,
    ],
    ["does not match other accounts", { accounts: ["999999999999"] }, ROLE, false],
    ["matches a role", { arn: `${role}/ci-deploy` }, ROLE, true],
    ["matches roles by a pattern", { arn: `${role}/ci-*` }, ROLE, true],
    ["matches roles of any partition", { arn: `arn:*:iam::${ACCOUNT}:role/AWSReservedSSO_Dev_*` }, sso, true],
    ["does not match another role", { arn: `${role}/ci` }, ROLE, false],
    ["matches a session", { arn: `${role}/ci-*`, session: "i-*" }, ROLE, true],
    ["matches a person", { session: "*@example.com" }, sso, true],
    ["does not match another person", { session: "bob@example.com" }, sso, false],
    ["does not match a user, who has no session", { session: "**" }, `arn:aws:iam::${ACCOUNT}:user/x`, false],
  ])("%s", (_, rule, arn, expected) => {
    expect(isMatch(rule, arn)).toBe(expected);
  });
});
