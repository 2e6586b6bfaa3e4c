import { afterEach, expect, it, vi } from "vitest";
import { createAwsPassword } from "../../lib/auth/aws/create-password.ts";
import { parseAwsRule } from "../../lib/auth/aws/rule.ts";
import { federatedAuthenticators } from "../../lib/auth/federated.ts";
import { ACCOUNT, CREDENTIALS, REGISTRY, ROLE } from "./identities-context.ts";

const NOW = new Date("2026-11-21T12:00:00Z");

afterEach(() => {
  vi.unstubAllGlobals();
});

it.each([
  [undefined, "https://sts.eu-central-1.amazonaws.com"],
  ["https://sts.internal.example", "https://sts.internal.example"],
])("AWS credentials are verified, with the STS endpoint %s, at %s", async (stsEndpoint, origin) => {
  const origins: string[] = [];
  vi.stubGlobal("fetch", async (url: string) => {
    origins.push(new URL(url).origin);
    const GetCallerIdentityResult = { Arn: ROLE, Account: ACCOUNT, UserId: "AROA" };
    return Response.json({ GetCallerIdentityResponse: { GetCallerIdentityResult } });
  });
  const awsRules = [parseAwsRule({ name: "ci", accounts: [ACCOUNT] })];
  const access = { accounts: [], grants: [], issuers: [], oidcRules: [], awsRules };
  const [, aws] = federatedAuthenticators({
    ...{ access: async () => access, now: () => NOW, monotonicNow: () => 0, stsEndpoint },
  });
  const options = { credentials: CREDENTIALS, region: "eu-central-1", audience: REGISTRY, now: NOW };
  const identity = await aws?.authenticate("aws", await createAwsPassword(options), REGISTRY);
  expect(identity?.name).toBe(`aws:${ROLE}`);
  expect(origins).toEqual([origin]);
});
