import { expect, it } from "vitest";
import { AwsAuthenticator } from "../../../lib/auth/aws/authenticator.ts";
import { createAwsPassword } from "../../../lib/auth/aws/create-password.ts";
import { AWS_PASSWORD_PREFIX } from "../../../lib/auth/aws/password.ts";
import { parsePresignedUrl } from "../../../lib/auth/aws/presigned-url.ts";
import { parseAwsRule } from "../../../lib/auth/aws/rule.ts";
import { ACCOUNT, CREDENTIALS, REGISTRY, urlIn } from "../identities-context.ts";

const SIGNED = new Date("2026-11-21T12:00:00Z");
const OPTIONS = { credentials: CREDENTIALS, region: "eu-central-1", audience: REGISTRY, now: SIGNED };

/** Parses a URL at a time in seconds after it was signed. @returns "valid", or the reason */
async function parseAt(age: number): Promise<string> {
  const url = urlIn(await createAwsPassword(OPTIONS));
  try {
    parsePresignedUrl(url, new Date(SIGNED.getTime() + age * 1000));
    return "valid";
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

it.each([
  [-301, "in the future"],
  [-300, "valid"],
  [900, "valid"],
  [901, "has expired"],
])("a presigned URL %d seconds after it was signed: %s", async (age, result) => {
  expect(await parseAt(age)).toContain(result);
});

it.each([
  [12_288, "does not contain a URL"],
  [12_289, "is longer than 12288 characters"],
])("AwsAuthenticator rejects a password of %d characters because it %s", async (length, reason) => {
  const awsRules = [parseAwsRule({ name: "all", accounts: [ACCOUNT] })];
  const aws = new AwsAuthenticator({ fetch, access: async () => ({ awsRules }), now: () => SIGNED });
  const password = AWS_PASSWORD_PREFIX.padEnd(length, "A");
  await expect(aws.authenticate("aws", password, REGISTRY)).rejects.toThrow(reason);
});

it("createAwsPassword rejects a region that does not exist", async () => {
  await expect(createAwsPassword({ ...OPTIONS, region: "us-evil-1" })).rejects.toThrow("us-evil-1");
});
