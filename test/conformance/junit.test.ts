import { describe, expect, it } from "vitest";
import { parseJunit } from "./junit.ts";

const EXCHANGE = [
  "~~~ REQUEST ~~~&#xA;Method: PUT&#xA;URL: http://registry/v2/one/manifests/v1?tag=a&amp;tag=b&#xA;Headers:&#xA;",
  "~~~ RESPONSE ~~~&#xA;Status: 404&#xA;Headers:&#xA;{&#34;errors&#34;:[]}&#xA;====&#xA;",
].join("");

describe("a case of the newer program", () => {
  const read = (status: string, content: string) =>
    parseJunit(`<testsuites><testsuite><testcase name="OCI/a &gt; b" classname="" status="${status}">
      ${content}
    </testcase></testsuite></testsuites>`);

  it("is parsed as passed", () => {
    expect(read("passed", `<system-err>${EXCHANGE}</system-err>`)).toMatchObject([
      { name: "OCI/a > b", outcome: "passed", reason: "" },
    ]);
  });

  it.each(["failure", "error", "something new"])("is parsed as failed for the status %s", (status) => {
    expect(read(status, "<system-out>first&#xA;second</system-out>")).toMatchObject([
      { outcome: "failed", reason: "first second" },
    ]);
  });

  it("has its requests and their responses", () => {
    const [found] = read(
      "failure",
      `<system-out>why</system-out><system-err>${EXCHANGE}${EXCHANGE}</system-err>`,
    );
    const exchange = { method: "PUT", url: "http://registry/v2/one/manifests/v1?tag=a&tag=b", status: 404 };
    expect(found?.exchanges).toMatchObject([exchange, exchange]);
    expect(found?.exchanges[0]?.response).toContain('{"errors":[]}');
  });

  it("has the reason for which it was skipped", () => {
    const remark = "<system-err>OCI/a: skipping test:&#xA;  api Ping is disabled</system-err>";
    expect(read("skipped", remark)).toMatchObject([{ outcome: "skipped", reason: "api Ping is disabled" }]);
  });
});

describe("a case of the older program", () => {
  const read = (name: string, status: string, content: string) =>
    parseJunit(
      `<testcase name="${name}" classname="tests" status="${status}" time="1e-05">${content}</testcase>`,
    );

  it.each(["failed", "panicked", "timedout", "interrupted"])(
    "is parsed as failed for the status %s",
    (status) => {
      const failure = '<failure message="m" type="failed">Expected&#xA;    &lt;int&gt;: 404</failure>';
      expect(read("a", status, failure)).toMatchObject([
        { outcome: "failed", reason: "Expected <int>: 404" },
      ]);
    },
  );

  it("is parsed as skipped with a reason", () => {
    expect(read("a", "skipped", '<skipped message="skipped - why"></skipped>')).toMatchObject([
      { outcome: "skipped", reason: "skipped - why" },
    ]);
  });

  it("is parsed as skipped when it is pending", () => {
    expect(read("a", "pending", "")).toMatchObject([{ outcome: "skipped", reason: "no reason given" }]);
  });

  it("is ignored when it is a report writer that did not fail", () => {
    expect(read("html custom reporter", "passed", "")).toEqual([]);
    expect(read("html custom reporter", "failed", "")).toMatchObject([{ outcome: "failed" }]);
  });
});
