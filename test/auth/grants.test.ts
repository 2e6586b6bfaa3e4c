import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ACTIONS, type Action } from "../../lib/auth/grants/actions.ts";
import { decide, type Grant } from "../../lib/auth/grants/grants.ts";
import { matches, parsePattern } from "../../lib/auth/grants/pattern.ts";
import { ANYBODY, AUTHENTICATED, parseSubject } from "../../lib/auth/grants/subject.ts";
import { ANONYMOUS, type Identity } from "../../lib/auth/identity.ts";
import { parseRepositoryName } from "../../lib/oci/repository-name.ts";

const ALICE: Identity = {
  name: "user:alice",
  subjects: [parseSubject("user:alice"), parseSubject("group:devs"), AUTHENTICATED],
};
const APP = parseRepositoryName("acme/app");

function given(subject: string, pattern: string, ...actions: readonly Action[]): Grant {
  return { subject: parseSubject(subject), pattern: parsePattern(pattern), actions };
}

describe("a decision", () => {
  it.each<[string, readonly Grant[], Action, boolean]>([
    ["nothing is granted", [], "pull", false],
    ["it is granted to the user", [given("user:alice", "acme/*", "pull")], "pull", true],
    ["it is granted to a group", [given("group:devs", "acme/*", "push")], "push", true],
    ["it is granted to all who sign in", [given("authenticated", "**", "pull")], "pull", true],
    ["it is granted to everybody", [given("anonymous", "**", "pull")], "pull", true],
    ["it is granted to somebody else", [given("user:bob", "**", "admin")], "pull", false],
    ["it is granted to a robot of that name", [given("robot:alice", "**", "admin")], "pull", false],
    ["it is granted elsewhere", [given("user:alice", "other/*", "pull")], "pull", false],
    ["something else is granted", [given("user:alice", "acme/*", "push")], "pull", false],
    ["all but it is granted", [given("user:alice", "**", "pull", "push")], "delete", false],
    ["admin is granted", [given("user:alice", "acme/*", "admin")], "delete", true],
  ])("when %s", (_, grants, action, allowed) => {
    expect(decide(grants, ALICE, action, APP).allowed).toBe(allowed);
  });

  it("gives nobody what is for those who sign in", () => {
    expect(decide([given("authenticated", "**", "pull")], ANONYMOUS, "pull", APP).allowed).toBe(false);
  });

  it("tells which grants came near", () => {
    const grants = [
      given("user:alice", "acme/*", "pull"),
      given("group:devs", "other/*", "push"),
      given("user:bob", "acme/app", "push"),
      given("user:carol", "zoo/*", "delete"),
    ];
    expect(decide(grants, ALICE, "push", APP).reason.split("; ")).toEqual([
      "no grant allows it",
      "the grant of pull on acme/* to user:alice does not include push",
      "the grant of push on other/* to group:devs is for other repositories",
      "the grant of push on acme/app to user:bob is given to somebody else",
    ]);
  });

  it("allows exactly what some grant of the identity's gives", () => {
    const subject = fc.constantFrom(
      parseSubject("user:alice"),
      parseSubject("user:bob"),
      AUTHENTICATED,
      ANYBODY,
    );
    const pattern = fc.constantFrom("acme/app", "acme/*", "**", "other/*", "*").map(parsePattern);
    const grant = fc.record({ subject, pattern, actions: fc.subarray([...ACTIONS]) });
    const asked = fc.constantFrom("acme/app", "other/app", "one").map(parseRepositoryName);
    fc.assert(
      fc.property(
        fc.array(grant, { maxLength: 4 }),
        fc.constantFrom(...ACTIONS),
        asked,
        (grants, action, name) => {
          const expected = grants.some(
            (one) =>
              one.subject !== "user:bob" &&
              matches(one.pattern, name) &&
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
