import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { defectLine } from "../../lib/http/middleware/log.ts";
import { at, listOf, property, type Resource, resourceOf, resourcesOf } from "./template/resources.ts";
import { synthesized } from "./template/synthesized.ts";
import { withDomain } from "./template/variants.ts";

const template = synthesized();
const alarms = resourcesOf(template, "AWS::CloudWatch::Alarm");
const runbook = readFileSync(join(import.meta.dirname, "../../docs/runbook.md"), "utf8");

/** Sections of the runbook, by the fragments of their links. */
const sections = new Map(
  runbook
    .split(/^## /m)
    .slice(1)
    .map((section): [string, string] => {
      const [heading = ""] = section.split("\n");
      return [
        heading
          .toLowerCase()
          .replaceAll(/[^\w\- ]/g, "")
          .replaceAll(" ", "-"),
        section,
      ];
    }),
);

/** Returns names and statistics of an alarm's metrics: a single metric, or the metrics in its expression. */
function metricsOf(alarm: Resource): readonly string[] {
  const alone = [property(alarm, "MetricName"), property(alarm, "Statistic")];
  if (alone[0] !== undefined) return [alone.join(" ")];
  const [, queriedMetric] = /SELECT SUM\((\w+)\)/.exec(JSON.stringify(property(alarm, "Metrics"))) ?? [];
  if (queriedMetric !== undefined) return [`${queriedMetric} Sum`];
  const stats = listOf(property(alarm, "Metrics")).map((metric) => at(metric, "MetricStat"));
  return stats
    .filter((stat) => stat !== undefined)
    .map((stat) => `${at(stat, "Metric", "MetricName")} ${at(stat, "Stat")}`);
}

function sectionOf(description: unknown): string {
  return /docs\/runbook\.md#([\w-]+)$/.exec(String(description))?.[1] ?? "";
}

describe("each alarm", () => {
  it.each(alarms)("$id refers to a complete section of the runbook", (alarm) => {
    const section = sections.get(sectionOf(property(alarm, "AlarmDescription"))) ?? "";
    for (const part of ["**Meaning.**", "**Investigate.**", "**What to do.**"])
      expect(section).toContain(part);
  });

  it.each(alarms)("$id is named in its section", (alarm) => {
    const name = alarm.id.replace(/^RegistryMonitoring/, "").replace(/[0-9A-F]{8}$/, "");
    expect(sections.get(sectionOf(property(alarm, "AlarmDescription")))).toContain(`\`${name}\``);
  });

  it("stays in the OK state without traffic", () => {
    expect(alarms.length).toBeGreaterThan(8);
    for (const alarm of alarms) expect(property(alarm, "TreatMissingData")).toBe("notBreaching");
  });

  it("notifies the topic on alarm and on OK", () => {
    const sent = resourcesOf(synthesized(withDomain), "AWS::CloudWatch::Alarm");
    expect(sent).toHaveLength(alarms.length);
    for (const alarm of sent) {
      expect(property(alarm, "AlarmActions")).toEqual(["arn:aws:sns:us-east-1:123456789012:alarms"]);
      expect(property(alarm, "OKActions")).toEqual(property(alarm, "AlarmActions"));
    }
  });
});

describe("alarms", () => {
  it("cover errors, throttles and the 99th percentile of both functions", () => {
    const about = alarms.flatMap(metricsOf);
    for (const metric of ["Errors Sum", "Throttles Sum", "Duration p99"])
      expect(about.filter((name) => name === metric)).toHaveLength(2);
  });

  it("on CloudFront are created only in the region of CloudFront's metrics", () => {
    const { Condition = "" } = resourceOf(template, "AWS::CloudWatch::Alarm", "RegistryMonitoringEdge");
    expect(template.findConditions(Condition)[Condition]).toEqual({
      "Fn::Equals": [{ Ref: "AWS::Region" }, "us-east-1"],
    });
  });

  it("on uploads count the registry's log lines of internal errors", () => {
    const request = { method: "PUT", path: "/v2/a/blobs/uploads/1", query: "", headers: {}, body: undefined };
    const line = JSON.stringify(defectLine(new Error("lost"), request, new Date(0)));
    const { Properties } = resourceOf(template, "AWS::Logs::MetricFilter", "RegistryUploadsLogsDefect");
    const terms = termsOf(String(property({ id: "", Type: "", Properties }, "FilterPattern")));
    expect(terms.map((term) => line.includes(term))).toContain(true);
    // The web function's log consists of JSON lines, in which a message that is JSON is quoted again.
    const wrapped = JSON.stringify({ level: "INFO", message: line });
    expect(terms.map((term) => wrapped.includes(term))).toContain(true);
    const harmless = JSON.stringify({ level: "INFO", message: '{"path":"/v2/error/level"}' });
    expect(terms.map((term) => harmless.includes(term))).not.toContain(true);
  });
});

/** Returns the terms of a pattern of optional terms: `?"one" ?"other"` */
function termsOf(pattern: string): readonly string[] {
  return [...pattern.matchAll(/\?"((?:[^"\\]|\\.)+)"/g)].map(([, term = ""]) =>
    term.replaceAll(/\\(.)/g, "$1"),
  );
}

describe("logs", () => {
  it.each(["default", "fargate"])("are kept for a month (%s)", (variant) => {
    const groups = resourcesOf(
      variant === "default" ? template : synthesized({ uploads: "fargate" }),
      "AWS::Logs::LogGroup",
    ).filter(({ id }) => id.startsWith("Registry"));
    expect(groups.length).toBeGreaterThanOrEqual(4);
    for (const group of groups) expect(property(group, "RetentionInDays")).toBe(30);
  });
});

describe("the dashboard", () => {
  it("shows all metrics that have alarms", () => {
    const body = JSON.stringify(
      property(resourceOf(template, "AWS::CloudWatch::Dashboard"), "DashboardBody"),
    );
    const watched = alarms.flatMap(metricsOf);
    expect(watched.length).toBeGreaterThan(alarms.length);
    for (const metric of watched) expect(body).toContain(metric.split(" ")[0]);
  });
});
