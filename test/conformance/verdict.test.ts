import { describe, expect, it } from "vitest";
import type { Allowance } from "./allowances.ts";
import { ALLOWANCES, DISABLED_SWITCH } from "./allowances.ts";
import type { Case, Exchange } from "./junit.ts";
import { judge, type RunResult } from "./verdict.ts";

const PASSED = { name: "a", outcome: "passed", reason: "", exchanges: [] } as const;
const OUTCOME: RunResult = {
  program: "older",
  redirects: false,
  cases: [PASSED],
  exitCode: 0,
  output: "",
  untested: [],
};

describe("a run", () => {
  const allowance: Allowance = { program: "older", reason: "why not", covers: ({ name }) => name === "b" };
  const skipped: Case = { name: "b", outcome: "skipped", reason: "reason", exchanges: [] };

  it("passes when every case passed", () => {
    expect(judge(OUTCOME, [])).toEqual({ passed: 1, failures: [], allowed: [] });
  });

  it("passes with a skipped case that an allowance covers", () => {
    const verdict = judge({ ...OUTCOME, cases: [PASSED, skipped] }, [allowance]);
    expect(verdict).toEqual({ passed: 1, failures: [], allowed: ["skipped: b: why not"] });
  });

  it.each<[string, Partial<RunResult>, readonly Allowance[], string]>([
    ["a case failed", { cases: [{ ...skipped, outcome: "failed" }] }, [], "failed: b: reason"],
    ["a case was skipped", { cases: [skipped] }, [], "skipped: b: reason"],
    [
      "the allowance is for another program",
      { cases: [skipped] },
      [{ ...allowance, program: "newer" }],
      "skipped: b: reason",
    ],
    ["an allowance is not needed", {}, [allowance], "an allowance is not needed: why not"],
    ["no case ran", { cases: [] }, [], "no case ran; the program ended with code 0"],
    [
      "the program failed without a failed case",
      { exitCode: 1 },
      [],
      "the program ended with code 1, though no case failed",
    ],
    [
      "the program was killed",
      { exitCode: null },
      [],
      "the program ended with code null, though no case failed",
    ],
    ["the program warned", { output: "\n  WARNING: no filters\n" }, [], "warning: no filters"],
    ["a data set was not tested", { untested: ["data: Image"] }, [], "not tried: data: Image"],
  ])("fails when %s", (_, change, allowances, failure) => {
    expect(judge({ ...OUTCOME, ...change }, allowances).failures).toEqual([failure]);
  });
});

describe("a redirecting registry", () => {
  const off = DISABLED_SWITCH.what;
  const redirecting: RunResult = { ...OUTCOME, program: "newer", redirects: true };

  it.each<[string, Partial<RunResult>, readonly string[]]>([
    ["with the allowed switch off", { untested: [off] }, []],
    ["with another switch off", { untested: ["the switch ping is off", off] }, ["the switch ping is off"]],
    ["with two switches of that name off", { untested: [off, off] }, [off]],
    ["with no switch off", {}, [`that ${off}`]],
    ["unlike one that does not redirect", { redirects: false, untested: [off] }, [off]],
  ])("is judged %s", (_, change, leftOut) => {
    const { failures } = judge({ ...redirecting, ...change }, []);
    expect(failures).toEqual(leftOut.map((left) => `not tried: ${left}`));
  });

  it("has allowances that apply to no other registry", () => {
    const allowance: Allowance = { program: "newer", redirects: true, reason: "", covers: () => false };
    const needed = (redirects: boolean) => judge({ ...redirecting, redirects, untested: [off] }, [allowance]);
    expect(needed(true).failures).toEqual(["an allowance is not needed: "]);
    expect(needed(false).failures).toEqual([`not tried: ${off}`]);
  });
});

describe("an image without one of its layers", () => {
  const IMAGE = "sha256:1a";
  const refusal = { ...exchange("PUT", IMAGE), response: '{"errors":[{"code":"MANIFEST_BLOB_UNKNOWN"}]}' };
  const pushed = failure("push/manifest-by-digest", [refusal]);

  function exchange(method: string, reference: string): Exchange {
    return { method, url: `http://registry/v2/one/manifests/${reference}`, status: 404, response: "" };
  }

  function failure(name: string, exchanges: readonly Exchange[], reason = "not found"): Case {
    return { name: `OCI Conformance Test/sparse/${name}`, outcome: "failed", reason, exchanges };
  }

  function failuresOf(...cases: readonly Case[]) {
    const allowances = ALLOWANCES.filter(({ program }) => program === "newer");
    return judge({ ...OUTCOME, program: "newer", exitCode: 1, cases }, allowances).failures;
  }

  it.each<[string, Case]>([
    ["be rejected by tag", failure("push/manifest-by-tag", [exchange("PUT", "sparse-image")])],
    ["be missing by digest", failure("pull/manifest-by-digest", [exchange("GET", IMAGE)])],
    ["be missing by tag", failure("head/manifest-head-by-tag", [exchange("HEAD", "sparse-image")])],
    ["be missing from the tags", failure("tag-list", [], 'missing tag "sparse-image" from listing')],
  ])("may %s", (_, found) => {
    expect(failuresOf(pushed, found)).toEqual([]);
  });

  it.each<[string, Case]>([
    ["the index is rejected", failure("push/manifest-by-digest", [exchange("PUT", "sha256:2b")])],
    ["the index is missing by tag", failure("pull/manifest-by-tag", [exchange("GET", "sparse-index")])],
    [
      "the index is missing from the tags",
      failure(
        "tag-list",
        [],
        'missing tag "sparse-index" from listing missing tag "sparse-image" from listing',
      ),
    ],
    ["there is another error", failure("push/manifest-by-tag", [{ ...refusal, status: 500 }])],
    ["a blob is missing", failure("pull/blob-get", [])],
    [
      "it is missing from another data set",
      { ...pushed, name: "OCI Conformance Test/image/push/manifest-by-digest" },
    ],
  ])("does not excuse another failure: %s", (_, found) => {
    expect(failuresOf(pushed, found)).toHaveLength(1);
  });

  it("must be rejected because of the missing layer", () => {
    expect(failuresOf(failure("push/manifest-by-digest", [exchange("PUT", IMAGE)]))).toHaveLength(2);
  });
});
