import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import measured from "../../bench/cloud/measured.json" with { type: "json" };
import { MONTHS, ownMonth } from "../../bench/cloud/peers.ts";
import {
  COMPONENTS,
  type Counts,
  costsOf,
  countsOf,
  directCostsOf,
  sumCosts,
  totalOf,
} from "../../bench/cloud/prices.ts";
import { costTables } from "../../bench/cloud/tables.ts";
import { dollarsFor, PRICES } from "../../bench/price-list.ts";

const ROOT = join(import.meta.dirname, "../..");
const ROWS: readonly Counts[] = measured.map((row) => ({
  ...row,
  s3: Object.fromEntries(Object.entries(row.s3)),
}));

function textOf(path: string): string {
  return readFileSync(join(ROOT, path), "utf8").replaceAll(/\s+/g, " ");
}

function rowOf(title: string): Counts {
  return ROWS.find((row) => row.title === title) ?? expect.fail(`${title} was not measured`);
}

describe("costs of a request or image", () => {
  const NOTHING: Counts = {
    ...{ title: "nothing", eventInvocations: 0, eventMs: 0, webRequests: 0, webMs: 0, dynamoCalls: 0 },
    ...{ s3: {}, units: { reads: 0, writes: 0 }, objects: 0, uploadedBytes: 0 },
  };

  it.each<[string, Partial<Counts>, Partial<Record<(typeof COMPONENTS)[number], number>>]>([
    ["a GB of request bodies", { uploadedBytes: 1e9 }, { "CloudFront uploads": 0.02 }],
    [
      "a million invocations behind API Gateway",
      { eventInvocations: 1e6 },
      {
        ...{ "CloudFront requests": 1, "CloudFront Functions": 0.1, "CloudFront responses": 0.17 },
        ...{ "API Gateway": 1, Lambda: 0.2, logs: 0.525 },
      },
    ],
    [
      "a million requests to the web function",
      { webRequests: 1e6 },
      {
        ...{ "CloudFront requests": 1, "CloudFront Functions": 0.1, "CloudFront responses": 0.17 },
        ...{ Lambda: 0.2, logs: 0.165 },
      },
    ],
    ["a million seconds of event functions of 1 GB", { eventMs: 1e9 }, { Lambda: 13.3334 }],
    ["a million seconds of the web function of 2 GB", { webMs: 1e9 }, { Lambda: 26.6668 }],
    ["a million units of each kind", { units: { reads: 1e6, writes: 1e6 } }, { DynamoDB: 0.75 }],
    [
      "a million calls of each kind to S3",
      { s3: { "S3 PutObject": 1e6, "S3 GetObject": 1e6, "S3 DeleteObjects": 1e6 } },
      { "S3 requests": 5.4 },
    ],
    ["a million objects that clients read", { objects: 1e6 }, { "S3 requests": 0.4 }],
  ])("of %s are those of its components", (_, counts, expected) => {
    const costs = costsOf({ ...NOTHING, ...counts });
    for (const name of COMPONENTS) expect(costs[name], name).toBeCloseTo(expected[name] ?? 0, 10);
  });

  it("without CloudFront equal a web function that serves all requests", () => {
    const costs = directCostsOf({
      ...NOTHING,
      ...{ eventInvocations: 1e6, eventMs: 1e9, webRequests: 1e6, webMs: 1e9, uploadedBytes: 1e9 },
      ...{ s3: { "S3 PutObject": 1e6 }, units: { reads: 1e6, writes: 1e6 } },
    });
    const expected = { Lambda: 2 * (0.2 + 26.6668), DynamoDB: 0.75, "S3 requests": 5, logs: 0.33 };
    for (const name of COMPONENTS)
      expect(costs[name], name).toBeCloseTo(new Map(Object.entries(expected)).get(name) ?? 0, 10);
  });

  it("add up", () => {
    const costs = costsOf(rowOf("push of ten layers by PUT"));
    expect(totalOf(sumCosts([[3, costs]]))).toBeCloseTo(3 * totalOf(costs), 10);
  });
});

describe("counts", () => {
  it("are the sum over all functions, per request", () => {
    const function_ = { environments: 1, denied: [] };
    const usage = {
      WebFunction: { ...function_, invocations: 4, billedMs: 10, calls: { "S3 PutObject": 2 } },
      Pull: { ...function_, invocations: 2, billedMs: 6, calls: { "DynamoDB GetItem": 2 } },
      Api: { ...function_, invocations: 2, billedMs: 2, calls: { "S3 PutObject": 2 } },
    };
    const rest = { title: "", units: { reads: 1, writes: 0 }, objects: 0, uploadedBytes: 7 };
    expect(countsOf({ ...rest, times: 2, usage })).toEqual({
      ...{ ...rest, eventInvocations: 2, eventMs: 4, webRequests: 2, webMs: 5, dynamoCalls: 1 },
      s3: { "S3 PutObject": 2 },
    });
  });
});

describe("a month", () => {
  const [push, pull] = [costsOf(rowOf("push of ten layers by PUT")), costsOf(rowOf("pull of ten layers"))];

  it.each([
    ["50 GB, 1,000 pushes, 10,000 pulls", 12.44, 10.49],
    ["500 GB, 10,000 pushes, 1,000,000 pulls", 171.68, 104.86],
  ])("of %s costs about %d dollars, of which CloudFront charges %d for uploads", (title, all, uploads) => {
    const month = MONTHS.find((it) => it.title === title) ?? expect.fail();
    const { storage, costs } = ownMonth(month, push, pull);
    expect(storage + totalOf(costs)).toBeCloseTo(all, 1);
    expect(costs["CloudFront uploads"]).toBeCloseTo(uploads, 1);
  });
});

describe("prices", () => {
  it.each(Object.values(PRICES))("$what: the source is named", ({ source }) => {
    expect(source).toMatch(/^(from memory|checked against .+ on \d{4}-\d\d-\d\d)$/);
  });

  it("apply to one unit", () => {
    expect(dollarsFor(PRICES.cloudfrontFunction)).toBeCloseTo(1e-7, 12);
    expect(dollarsFor(PRICES.s3Storage)).toBe(0.023);
  });
});

describe("docs/performance.md", () => {
  it.each(costTables(ROWS))("has the computed value: %s", (table) => {
    expect(textOf("docs/performance.md")).toContain(table.trim().replaceAll(/\s+/g, " "));
  });
});

it("docs/deploy.md states the price of each way to push", () => {
  const row = rowOf("push of ten layers by PUT");
  const thousand = (total: number) => `$${(total * 1000).toFixed(2)}`;
  const [direct, front] = [totalOf(directCostsOf(row)), totalOf(costsOf(row))].map(thousand);
  expect(textOf("docs/deploy.md")).toContain(
    `A thousand pushes of a 524 MB image to it cost ${direct} instead of ${front}`,
  );
});

it("README.md states the computed prices", () => {
  const thousand = (title: string) => `$${(totalOf(costsOf(rowOf(title))) * 1000).toFixed(2)}`;
  const readme = textOf("README.md");
  expect(readme).toContain(
    `A thousand pulls of an image with ten layers (524 MB) cost ${thousand("pull of ten layers")}`,
  );
  const pushes = ["push of ten layers by PUT", "push of ten layers by PATCH"].map(thousand);
  expect(readme).toContain(`A thousand pushes of that image cost ${pushes.join(" to ")}`);
  const uploads = costsOf(rowOf("push of ten layers by PUT"))["CloudFront uploads"] * 1000;
  expect(readme).toContain(`of which $${uploads.toFixed(2)} is CloudFront's charge for uploads`);
});
