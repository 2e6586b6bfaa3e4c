import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ACTIONS, type Action } from "../../lib/auth/grants/actions.ts";
import { ANONYMOUS_GRANTEE, AUTHENTICATED_GRANTEE, parseGrantee } from "../../lib/auth/grants/grantee.ts";
import { decide, type Grant } from "../../lib/auth/grants/grants.ts";
import { matchesPattern, parsePattern } from "../../lib/auth/grants/pattern.ts";
import { ANONYMOUS, type Identity } from "../../lib/auth/identity.ts";
import { parseRepositoryName } from "../../lib/oci/repository-name.ts";

const ALICE: Identity = {
  name: "user:alice",
  grantees: [parseGrantee("user:alice"), parseGrantee("group:devs"), AUTHENTICATED_GRANTEE],
};
const APP = parseRepositoryName("acme/app");

function grantOn(subject: string, pattern: string, ...actions: readonly Action[]): Grant {
  return { subject: parseGrantee(subject), pattern: parsePattern(pattern), actions };
}

describe("decide", () => {
  it.each<[string, readonly Grant[], Action, boolean]>([
    ["nothing is granted", [], "pull", false],
    ["it is granted to the user", [grantOn("user:alice", "acme/*", "pull")], "pull", true],
    ["it is granted to a group", [grantOn("group:devs", "acme/*", "push")], "push", true],
    ["it is granted to all authenticated identities", [grantOn("authenticated", "**", "pull")], "pull", true],
    ["it is granted to all requests", [grantOn("anonymous", "**", "pull")], "pull", true],
    ["it is granted to another user", [grantOn("user:bob", "**", "admin")], "pull", false],
    ["it is granted to a robot of the same name", [grantOn("robot:alice", "**", "admin")], "pull", false],
    ["it is granted on another pattern", [grantOn("user:alice", "other/*", "pull")], "pull", false],
    ["another action is granted", [grantOn("user:alice", "acme/*", "push")], "pull", false],
    ["all other actions are granted", [grantOn("user:alice", "**", "pull", "push")], "delete", false],
    ["admin is granted", [grantOn("user:alice", "acme/*", "admin")], "delete", true],
  ])("decides correctly when %s", (_, grants, action, allowed) => {
    expect(decide(grants, ALICE, action, APP).allowed).toBe(allowed);
  });

  it("denies the anonymous identity actions granted to authenticated identities", () => {
    expect(decide([grantOn("authenticated", "**", "pull")], ANONYMOUS, "pull", APP).allowed).toBe(false);
  });

  it("lists the similar grants in the reason", () => {
    const grants = [
      grantOn("user:alice", "acme/*", "pull"),
      grantOn("group:devs", "other/*", "push"),
      grantOn("user:bob", "acme/app", "push"),
      grantOn("user:carol", "zoo/*", "delete"),
    ];
    expect(decide(grants, ALICE, "push", APP).reason.split("; ")).toEqual([
      "no grant allows it",
      "the grant of pull on acme/* to user:alice does not include push",
      "the grant of push on other/* to group:devs is for other repositories",
      "the grant of push on acme/app to user:bob is given to another grantee",
    ]);
  });

  it.each([
    [5, []],
    [6, ["and 1 similar grant"]],
    [7, ["and 2 similar grants"]],
  ])("lists at most five of %d similar grants in the reason", (count, rest) => {
    const grants = Array.from({ length: count }, (_, n) => grantOn("user:alice", `other${n}/*`, "push"));
    expect(decide(grants, ALICE, "push", APP).reason.split("; ").slice(6)).toEqual(rest);
  });

  it("allows exactly the actions that a grant to the identity allows", () => {
    const subject = fc.constantFrom(
      parseGrantee("user:alice"),
      parseGrantee("user:bob"),
      AUTHENTICATED_GRANTEE,
      ANONYMOUS_GRANTEE,
    );
    const pattern = fc.constantFrom("acme/app", "acme/*", "**", "other/*", "*").map(parsePattern);
    const grant = fc.record({ subject, pattern, actions: fc.subarray([...ACTIONS]) });
    const repository = fc.constantFrom("acme/app", "other/app", "one").map(parseRepositoryName);
    fc.assert(
      fc.property(
        fc.array(grant, { maxLength: 4 }),
        fc.constantFrom(...ACTIONS),
        repository,
        (grants, action, name) => {
          const expected = grants.some(
            (one) =>
              one.subject !== "user:bob" &&
              matchesPattern(one.pattern, name) &&
              (one.actions.includes(action) || one.actions.includes("admin")),
          );
          const { allowed, grant: deciding } = decide(grants, ALICE, action, name);
          expect(allowed).toBe(expected);
          expect(deciding !== undefined).toBe(expected);
        },
      ),
    );
  });
});
