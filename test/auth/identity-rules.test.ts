import { expect, it } from "vitest";
import {
  removeAwsRule,
  removeIssuer,
  removeOidcRule,
  saveAwsRule,
  saveIssuer,
  saveOidcRule,
} from "../../lib/auth/identity-rules.ts";
import { loadAccess } from "../../lib/auth/snapshot.ts";
import { MemoryRecords } from "../../lib/storage/memory/records.ts";

const GITHUB = "https://token.actions.githubusercontent.com";
const GITLAB = "https://gitlab.com";

const ISSUERS = [
  {
    url: "https://accounts.google.com",
    audiences: ["a", "b"],
    jwksUrl: "https://www.googleapis.com/oauth2/v3/certs",
  },
  { url: "https://acme.auth0.com/", audiences: ["registry.example.com"] },
  { url: "https://oidc.example:8443/a/b", audiences: ["registry.example.com"] },
  { url: GITLAB, audiences: ["https://registry.example.com"] },
  { url: GITHUB, audiences: ["registry.example.com"] },
  { url: "http://127.0.0.1:8080", audiences: ["registry.example.com"] },
];

const OIDC_RULES = [
  { name: "branch", issuer: GITHUB, claims: { repository: "acme/*", ref: "refs/heads/main" } },
  { name: "everybody", issuer: GITHUB, claims: {}, any: true },
  { name: "organisation", issuer: GITHUB, claims: { repository_owner_id: "12345" } },
  { name: "subject", issuer: GITHUB, claims: { sub: "repo:acme/app:**" } },
  {
    name: "tags",
    issuer: GITLAB,
    claims: { project_path: "acme/**", ref_type: "tag", ref_protected: "true" },
  },
];

const AWS_RULES = [
  { name: "accounts", accounts: ["111111111111", "222222222222"] },
  {
    name: "people",
    accounts: ["111111111111"],
    arn: "arn:aws:iam::*:role/AWSReservedSSO_*",
    session: "*@acme.com",
  },
];

it("what is saved is loaded as it was", async () => {
  const records = new MemoryRecords();
  for (const issuer of ISSUERS) await saveIssuer(records, issuer);
  for (const rule of OIDC_RULES) await saveOidcRule(records, rule);
  for (const rule of AWS_RULES) await saveAwsRule(records, rule);
  const { issuers, oidcRules, awsRules } = await loadAccess(records);
  expect(issuers).toEqual(expect.arrayContaining(ISSUERS));
  expect([issuers.length, oidcRules, awsRules]).toEqual([ISSUERS.length, OIDC_RULES, AWS_RULES]);
});

it("what is removed is gone", async () => {
  const records = new MemoryRecords();
  await saveIssuer(records, ISSUERS[4]);
  await saveOidcRule(records, OIDC_RULES[0]);
  await saveAwsRule(records, AWS_RULES[0]);
  await removeOidcRule(records, "branch");
  await removeIssuer(records, GITHUB);
  await removeAwsRule(records, "accounts");
  const { issuers, oidcRules, awsRules } = await loadAccess(records);
  expect([issuers, oidcRules, awsRules]).toEqual([[], [], []]);
});

it("a rule about an issuer that there is not is refused", async () => {
  const records = new MemoryRecords();
  await saveIssuer(records, ISSUERS[4]);
  await expect(saveOidcRule(records, OIDC_RULES[4])).rejects.toThrow(
    new RangeError('rule tags is about "https://gitlab.com", which is no issuer here: add that first'),
  );
  expect((await loadAccess(records)).oidcRules).toEqual([]);
});
