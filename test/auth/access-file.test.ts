import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parseAccessFile } from "../../lib/auth/access-file/access-file.ts";
import { ACTIONS } from "../../lib/auth/grants/actions.ts";
import { MalformedError } from "../../lib/auth/malformed-error.ts";
import { brokenRule } from "../support/json-schema.ts";

const SCHEMA = JSON.parse(readFileSync(join(import.meta.dirname, "../../access.schema.json"), "utf8"));

const GITHUB = "https://token.actions.githubusercontent.com";
const FULL = {
  $schema: "./access.schema.json",
  users: [{ name: "alice", groups: ["devs", "ops"] }, { name: "bob" }],
  robots: [{ name: "ci", groups: [] }],
  issuers: [
    { url: GITHUB, audiences: ["registry.example.com"] },
    {
      url: "https://gitlab.com",
      audiences: ["a", "b"],
      jwksUrl: "https://gitlab.com/oauth/discovery/keys?v=1",
    },
  ],
  oidcRules: [
    { name: "main", issuer: GITHUB, claims: { repository: "acme/*", ref: "refs/heads/main" } },
    { name: "everybody", issuer: GITHUB, any: true },
  ],
  awsRules: [
    { name: "accounts", accounts: ["123456789012"] },
    {
      name: "people",
      accounts: ["123456789012"],
      arn: "arn:aws:iam::*:role/AWSReservedSSO_*",
      session: "*@acme.com",
    },
  ],
  grants: [
    { subject: "group:devs", pattern: "acme/**", actions: ["push", "pull", "push"] },
    { subject: "oidc:main", pattern: "**/app-*", actions: ["push"] },
    { subject: "aws:people", pattern: "**", actions: ["admin", "delete"] },
    { subject: "authenticated", pattern: "a.b/c_d/e-f", actions: ["pull"] },
    { subject: "anonymous", pattern: "public/*", actions: ["pull"] },
  ],
};

/** Returns a copy of the complete file with another value at one location. */
function withAt(location: readonly (string | number)[], value: unknown): unknown {
  const copy = structuredClone<unknown>(FULL);
  let inner: unknown = copy;
  for (const step of location.slice(0, -1)) inner = Reflect.get(Object(inner), step);
  Reflect.set(Object(inner), location.at(-1) ?? "", value);
  return copy;
}

describe("parseAccessFile", () => {
  it("returns all entries in their stored form", () => {
    expect(parseAccessFile(FULL)).toMatchObject({
      users: [FULL.users[0], { name: "bob", groups: [] }],
      robots: FULL.robots,
      issuers: FULL.issuers,
      oidcRules: [FULL.oidcRules[0], { ...FULL.oidcRules[1], claims: {} }],
      awsRules: FULL.awsRules,
      grants: [
        { ...FULL.grants[0], actions: ["pull", "push"] },
        FULL.grants[1],
        { actions: ["delete", "admin"] },
        {},
        {},
      ],
    });
    expect(brokenRule(SCHEMA, FULL)).toBeUndefined();
  });

  it("accepts an empty file", () => {
    const none = { users: [], robots: [], issuers: [], oidcRules: [], awsRules: [], grants: [] };
    expect(parseAccessFile({})).toEqual(none);
    expect(brokenRule(SCHEMA, {})).toBeUndefined();
  });

  it.each<[readonly (string | number)[], unknown, string]>([
    [["groups"], [], 'unknown field "groups" in an access file: the allowed fields are $schema, users, '],
    [["grants"], {}, "grants must be a list"],
    [["users", 1], "bob", "users[1]: an account must be an object"],
    [["users", 1, "name"], "Bob", "users[1].name: invalid name"],
    [["users", 1, "name"], 5, "users[1].name: a name must be a string"],
    [["users", 1, "secret"], "x", 'users[1]: unknown field "secret" in an account'],
    [["users", 1, "groups"], "devs", "users[1].groups: groups must be a list"],
    [["robots", 0, "groups"], ["../x"], "robots[0].groups: invalid name"],
    [["issuers", 0, "url"], "ftp://x", "issuers[0]: "],
    [["issuers", 0, "audiences"], [], "issuers[0]: the audiences of an issuer must be a list"],
    [["issuers", 1, "jwksUrl"], "nowhere", "issuers[1]: "],
    [["issuers", 1, "jwks"], "x", 'issuers[1]: unknown field "jwks" in an issuer'],
    [["oidcRules", 0, "claims"], [], "oidcRules[0]: the claims of rule main"],
    [["oidcRules", 0, "claims", "ref"], 5, "oidcRules[0]: rule main has an invalid pattern"],
    [["oidcRules", 1, "any"], "yes", 'oidcRules[1]: the field "any" of rule everybody'],
    [["oidcRules", 0, "name"], "", "oidcRules[0]: "],
    [["awsRules", 0, "accounts"], ["12345"], "awsRules[0]: "],
    [["awsRules", 0, "accounts"], [123456789012], "awsRules[0]: "],
    [["awsRules", 1, "arn"], "role/x", "awsRules[1]: "],
    [["awsRules", 1, "session"], "", "awsRules[1]: "],
    [["grants", 3, "subject"], "alice", "grants[3].subject: invalid grantee"],
    [["grants", 3, "subject"], "user:a/b", "grants[3].subject: invalid grantee"],
    [["grants", 3, "subject"], undefined, "grants[3].subject: the subject of a grant must be"],
    [["grants", 3, "pattern"], "Acme/**", "grants[3].pattern: invalid repository pattern"],
    [["grants", 3, "pattern"], "acme/../x", "grants[3].pattern: "],
    [["grants", 3, "pattern"], "acme/x**", "grants[3].pattern: "],
    [["grants", 3, "pattern"], "acme/***", "grants[3].pattern: "],
    [["grants", 3, "pattern"], "acme//x", "grants[3].pattern: "],
    [["grants", 3, "pattern"], "acme/x\n", "grants[3].pattern: "],
    [["grants", 3, "pattern"], "a".repeat(256), "grants[3].pattern: "],
    [["grants", 3, "actions"], ["pull", "write"], "grants[3].actions: unknown action: write"],
    [["grants", 3, "actions"], "pull", "grants[3].actions: the actions of a grant must be a list"],
    [["grants", 3, "actions"], [], "grants[3].actions: the actions of a grant must be a list"],
    [["grants", 3, "to"], "x", 'grants[3]: unknown field "to" in a grant'],
  ])("rejects another value at %j: %j, as the JSON schema does", (location, value, message) => {
    const file = withAt(location, value);
    expect(messageOf(file).slice(0, message.length)).toBe(message);
    expect(messageOf(file)).not.toContain("\n");
    expect(brokenRule(SCHEMA, JSON.parse(JSON.stringify(file)))).toBeDefined();
  });

  it.each<[readonly (string | number)[], unknown, string]>([
    [["users", 1, "name"], "alice", 'users[1]: "alice" is a duplicate of users[0]'],
    [["robots", 0, "name"], "bob", 'robots[0]: "bob" is a duplicate of users[1]'],
    [["issuers", 1, "url"], GITHUB, `issuers[1]: "${GITHUB}" is a duplicate of issuers[0]`],
    [["oidcRules", 1, "name"], "main", 'oidcRules[1]: "main" is a duplicate of oidcRules[0]'],
    [["awsRules", 1, "name"], "accounts", 'awsRules[1]: "accounts" is a duplicate of awsRules[0]'],
    [["grants", 1], FULL.grants[0], 'grants[1]: "group:devs acme/**" is a duplicate of grants[0]'],
    [
      ["oidcRules", 0, "issuer"],
      "https://x.example",
      'oidcRules[0].issuer: "https://x.example" is not a declared issuer',
    ],
    [["grants", 1, "subject"], "oidc:mian", "grants[1].subject: there is no rule for oidc:mian"],
    [["grants", 2, "subject"], "aws:main", "grants[2].subject: there is no rule for aws:main"],
    [["oidcRules", 1, "any"], false, "oidcRules[1]: rule everybody matches every token"],
    [["issuers", 0, "url"], "http://example.com", "issuers[0]: "],
  ])("rejects another value at %j: %j, which the JSON schema cannot express", (location, value, message) => {
    const file = withAt(location, value);
    expect(messageOf(file).slice(0, message.length)).toBe(message);
    expect(brokenRule(SCHEMA, file)).toBeUndefined();
  });

  it.each<[readonly (string | number)[], Readonly<Record<string, unknown>>]>([
    [[], SCHEMA],
    [["users", 0], SCHEMA.$defs.account],
    [["robots", 0], SCHEMA.$defs.account],
    [["issuers", 0], SCHEMA.$defs.issuer],
    [["oidcRules", 0], SCHEMA.$defs.oidcRule],
    [["awsRules", 0], SCHEMA.$defs.awsRule],
    [["grants", 0], SCHEMA.$defs.grant],
  ])("accepts at %j the fields of the JSON schema", (location, { properties }) => {
    const [, fields] = messageOf(withAt([...location, "unknown"], 1)).split(": the allowed fields are ");
    expect(fields?.split(", ")).toEqual(Object.keys(Object(properties)));
  });

  it("accepts the actions of the JSON schema", () => {
    expect(SCHEMA.$defs.grant.properties.actions.items.enum).toEqual(ACTIONS);
  });

  it.each([[[]], [null], ["x"], [5]])("rejects %j", (value) => {
    expect(messageOf(value)).toBe("an access file must be an object");
    expect(brokenRule(SCHEMA, value)).toBeDefined();
  });
});

function messageOf(value: unknown): string {
  try {
    parseAccessFile(value);
    return "it was accepted";
  } catch (error) {
    if (!(error instanceof MalformedError)) throw error;
    return error.message;
  }
}
