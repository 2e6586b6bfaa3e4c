import { beforeEach, describe, expect, it } from "vitest";
import { AwsAuthenticator } from "../../lib/auth/aws/authenticator.ts";
import { parsePrincipal } from "../../lib/auth/aws/principal.ts";
import { meetsAwsRule, parseAwsRule } from "../../lib/auth/aws/rule.ts";
import { hostOfRegion, regionOfHost } from "../../lib/auth/aws/sts-host.ts";
import { ACCOUNT, IdentitiesLab, ROLE } from "./identities-lab.ts";

let lab: IdentitiesLab;
beforeEach(async () => {
  lab = await IdentitiesLab.start();
  return () => lab.stop();
});

const logIn = (password: string) => lab.aws.authenticate("aws", password);

describe("an AWS password", () => {
  it("says who it is, for as long as it is good", async () => {
    expect(await logIn(await lab.awsPassword())).toEqual({
      name: `aws:${ROLE}`,
      subjects: ["aws:deployers", "authenticated"],
      notAfter: new Date("2026-11-21T12:15:00Z"),
    });
  });

  it("of a user with keys of their own is good as well", async () => {
    const arn = `arn:aws:iam::${ACCOUNT}:user/team/alice`;
    const credentials = { accessKeyId: "AKIAALICE12345678901", secretAccessKey: "s" };
    lab.sts.principals.push({ credentials, arn });
    lab.awsRules = [parseAwsRule({ name: "people", accounts: [ACCOUNT], arn: "arn:aws:iam::*:user/team/*" })];
    expect(await logIn(await lab.awsPassword({ credentials }))).toMatchObject({
      name: `aws:${arn}`,
      subjects: ["aws:people", "authenticated"],
    });
  });

  it.each(["us-east-1", "eu-central-1", "ap-southeast-7", "us-gov-west-1"])(
    "is good from %s",
    async (region) => {
      expect(await logIn(await lab.awsPassword({ region }))).toBeDefined();
      expect(lab.asked[0]).toBe(`https://sts.${region}.amazonaws.com`);
    },
  );

  it("is good up to five minutes before its time, by a clock that is ahead", async () => {
    const now = new Date(lab.now.getTime() + 299_000);
    expect(await logIn(await lab.awsPassword({ now }))).toBeDefined();
  });

  it("is sent to STS in the same parameters and nothing else", async () => {
    await logIn(await lab.awsPassword());
    const [asked = ""] = lab.sts.asked;
    expect(new URL(asked.replace("GET ", "https://sts")).searchParams.size).toBe(9);
  });

  it("asks STS each time, so that it ends when AWS says so", async () => {
    const password = await lab.awsPassword();
    await logIn(password);
    lab.sts.principals.length = 0;
    await expect(logIn(password)).rejects.toThrow("STS refuses the AWS password (403 InvalidClientTokenId)");
  });

  it("is refused where the registry does not know its own name", async () => {
    const aws = new AwsAuthenticator({
      ...{ fetch, access: async () => lab, now: () => lab.now, endpoint: () => lab.sts.url },
    });
    const password = await lab.awsPassword();
    await expect(aws.authenticate("aws", password)).rejects.toThrow(
      "the registry is not told its public URL",
    );
    expect(lab.sts.asked).toEqual([]);
  });

  it("asks nobody while there is no rule", async () => {
    lab.awsRules = [];
    await expect(logIn(await lab.awsPassword())).rejects.toThrow("there is no rule for AWS principals");
    expect(lab.asked).toEqual([]);
  });

  it.each(["", "secret", "dockless-aws-v1", "Dockless-aws-v1.x", "dockless-aws-v2.x"])(
    "is not %j",
    async (password) => {
      expect(await logIn(password)).toBeUndefined();
    },
  );
});

describe("a host of STS", () => {
  it.each([
    ["sts.amazonaws.com", "us-east-1"],
    ["sts.us-east-1.amazonaws.com", "us-east-1"],
    ["sts.ap-northeast-3.amazonaws.com", "ap-northeast-3"],
    ["sts.us-gov-east-1.amazonaws.com", "us-gov-east-1"],
    ["sts.cn-northwest-1.amazonaws.com.cn", "cn-northwest-1"],
    ["sts-fips.us-west-2.amazonaws.com", "us-west-2"],
  ])("%s is that of %s", (host, region) => {
    expect(regionOfHost(host)).toBe(region);
  });

  it.each(["us-east-1", "eu-south-2", "cn-north-1", "us-gov-west-1", "il-central-1", "mx-central-1"])(
    "there is one in %s",
    (region) => {
      expect(regionOfHost(hostOfRegion(region) ?? "")).toBe(region);
    },
  );

  it.each(["", "evil", "us-east-1.evil.com/", "us-east-1@evil.com", "us-evil-1"])(
    "there is none in %j",
    (region) => {
      expect(hostOfRegion(region)).toBeUndefined();
    },
  );
});

describe("a rule", () => {
  const meets = (rule: object, arn: string) => {
    const principal = parsePrincipal(arn);
    return principal && meetsAwsRule(parseAwsRule({ name: "r", accounts: [ACCOUNT], ...rule }), principal);
  };
  const role = `arn:aws:iam::${ACCOUNT}:role`;
  const sso = `arn:aws:sts::${ACCOUNT}:assumed-role/AWSReservedSSO_Dev_0a1b/alice@example.com`;

  it.each<[string, object, string, boolean]>([
    ["is met by everybody in its accounts", {}, ROLE, true],
    ["is met by the root user in its accounts", {}, `arn:aws:iam::${ACCOUNT}:root`, true],
    ["is not met from another partition", {}, ROLE.replace("aws", "aws-cn"), false],
    [
      "is met from another partition that it names",
      { arn: "arn:aws-cn:**" },
      ROLE.replace("aws", "aws-cn"),
      true,
    ],
    ["is not met from other accounts", { accounts: ["999999999999"] }, ROLE, false],
    ["names a role", { arn: `${role}/ci-deploy` }, ROLE, true],
    ["names roles", { arn: `${role}/ci-*` }, ROLE, true],
    ["names roles of any partition", { arn: `arn:*:iam::${ACCOUNT}:role/AWSReservedSSO_Dev_*` }, sso, true],
    ["names another role", { arn: `${role}/ci` }, ROLE, false],
    ["names a session", { arn: `${role}/ci-*`, session: "i-*" }, ROLE, true],
    ["names a person", { session: "*@example.com" }, sso, true],
    ["names another person", { session: "bob@example.com" }, sso, false],
    ["names a session, which a user has not", { session: "**" }, `arn:aws:iam::${ACCOUNT}:user/x`, false],
  ])("%s", (_, rule, arn, isMet) => {
    expect(meets(rule, arn)).toBe(isMet);
  });
});
