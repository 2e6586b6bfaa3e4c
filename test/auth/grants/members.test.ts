import { describe, expect, it } from "vitest";
import { parseGrantee, parseName } from "../../../lib/auth/grants/grantee.ts";
import { hasMember, type Members } from "../../../lib/auth/grants/members.ts";

const NONE: Members = { accounts: [], oidcRules: [], awsRules: [] };
const NAME = parseName("one");
const ACCOUNT = { kind: "user", name: NAME, groups: [parseName("devs")] } as const;

describe("a grantee", () => {
  it.each<[string, Partial<Members>]>([
    ["user:one", { accounts: [ACCOUNT] }],
    ["robot:one", { accounts: [{ ...ACCOUNT, kind: "robot" }] }],
    ["group:devs", { accounts: [ACCOUNT] }],
    ["oidc:one", { oidcRules: [{ name: NAME }] }],
    ["aws:one", { awsRules: [{ name: NAME }] }],
    ["authenticated", { accounts: [ACCOUNT] }],
    ["authenticated", { oidcRules: [{ name: NAME }] }],
    ["authenticated", { awsRules: [{ name: NAME }] }],
  ])("has a member when it exists: %s", (grantee, members) => {
    expect(hasMember(parseGrantee(grantee), { ...NONE, ...members })).toBe(true);
    expect(hasMember(parseGrantee(grantee), NONE)).toBe(false);
  });

  it("always has a member when it is anonymous", () => {
    expect(hasMember(parseGrantee("anonymous"), NONE)).toBe(true);
  });

  it.each(["robot:one", "user:two", "group:one", "group:ops", "oidc:one", "aws:one"])(
    "has no member when it does not exist: %s",
    (grantee) => {
      expect(hasMember(parseGrantee(grantee), { ...NONE, accounts: [ACCOUNT] })).toBe(false);
    },
  );
});
