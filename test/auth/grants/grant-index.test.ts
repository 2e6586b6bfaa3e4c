import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ACTIONS } from "../../../lib/auth/grants/actions.ts";
import { GrantIndex } from "../../../lib/auth/grants/grant-index.ts";
import { ANONYMOUS_GRANTEE, AUTHENTICATED_GRANTEE, parseGrantee } from "../../../lib/auth/grants/grantee.ts";
import { findGrant, type Grant, selectGrants } from "../../../lib/auth/grants/grants.ts";
import { parsePattern } from "../../../lib/auth/grants/pattern.ts";
import type { Identity } from "../../../lib/auth/identity.ts";
import { parseRepositoryName } from "../../../lib/oci/repository-name.ts";

const ALICE: Identity = {
  name: "user:alice",
  grantees: [parseGrantee("user:alice"), parseGrantee("group:devs"), AUTHENTICATED_GRANTEE],
};

const segment = fc.oneof(
  fc.constantFrom("a", "b", "ab", "aba", "*", "**", "a*", "*a", "a*b", "*b*", "a*b*a"),
  fc.stringMatching(/^[ab]{1,4}$/),
);
const pattern = fc
  .array(segment, { minLength: 1, maxLength: 5 })
  .map((parts) => parsePattern(parts.join("/")));
const name = fc
  .array(fc.stringMatching(/^[ab]{1,4}$/), { minLength: 1, maxLength: 4 })
  .map((parts) => parseRepositoryName(parts.join("/")));
const grantee = fc.constantFrom(...ALICE.grantees, ANONYMOUS_GRANTEE, parseGrantee("user:bob"));
const grant = fc.record({ subject: grantee, pattern, actions: fc.subarray([...ACTIONS]) });

describe("a grant index", () => {
  it("finds the same grant as a linear search", () => {
    fc.assert(
      fc.property(
        fc.array(grant, { maxLength: 12 }),
        fc.constantFrom(...ACTIONS),
        name,
        (grants, action, name) => {
          const expected = findGrant(selectGrants(grants, ALICE), action, name);
          expect(new GrantIndex(grants).of(ALICE).find(action, name)).toBe(expected);
        },
      ),
      { numRuns: 2000 },
    );
  });

  it("examines only grants that match the name", () => {
    let looks = 0;
    const counted = (text: string): Grant => ({
      subject: ANONYMOUS_GRANTEE,
      pattern: parsePattern(text),
      get actions() {
        looks += 1;
        return ["pull"] as const;
      },
    });
    const patterns = [0, 1, 2, 3].map(
      (kind) => (number: number) =>
        [`team${number}/**`, `team${number}-*/app`, `org/team${number}/*`, `exact/app${number}`][kind] ?? "",
    );
    const grants = Array.from({ length: 2000 }, (_, number) => counted(patterns[number % 4]?.(number) ?? ""));
    const index = new GrantIndex([...grants, counted("team*/**"), counted("**/app7")]);
    const name = parseRepositoryName("team400/app7");
    expect(index.of(ALICE).find("pull", name)).toBe(grants[400]);
    expect(looks).toBe(1);
    expect(index.of(ALICE).find("push", name)).toBeUndefined();
    expect(looks).toBe(4);
  });

  it("skips no repository on which the action is allowed, for any list of repositories", () => {
    fc.assert(
      fc.property(fc.array(grant, { maxLength: 6 }), fc.array(name), (grants, names) => {
        const own = new GrantIndex(grants).of(ALICE);
        const prefixes = own.prefixes("pull");
        const sorted = [...new Set(names)].sort();
        const seen: string[] = [];
        for (let read = ""; ; ) {
          const after = prefixes.seek(read);
          const next = after === undefined ? undefined : sorted.find((candidate) => candidate > after);
          if (next === undefined) break;
          expect(next > read).toBe(true);
          seen.push(next);
          read = next;
        }
        const allowed = sorted.filter((candidate) => own.find("pull", candidate) !== undefined);
        expect(seen.filter((candidate) => allowed.some((other) => other === candidate))).toEqual(allowed);
      }),
      { numRuns: 2000 },
    );
  });

  it.each<[readonly string[], string, string | undefined]>([
    [[], "", undefined],
    [["**"], "", ""],
    [["**"], "b", "b"],
    [["acme/**"], "", "acmd~"],
    [["acme/**"], "acme/x", "acme/x"],
    [["acme/**"], "b", undefined],
    [["acme/*", "acme/app", "zoo/app"], "acme0", "zoo/apo~"],
    [["zoo/app", "acme/a*"], "acme/app", "acme/app"],
  ])("of the patterns %j skips from %j to %j", (patterns, after, expected) => {
    const actions = ["pull"] as const;
    const grants = patterns.map(
      (text): Grant => ({ subject: ANONYMOUS_GRANTEE, pattern: parsePattern(text), actions }),
    );
    expect(new GrantIndex(grants).of(ALICE).prefixes("pull").seek(after)).toBe(expected);
  });
});
