import { limitsOf, MAX_CONCURRENCY_PER_ENVIRONMENT } from "../../lib/cloud/config/limits.ts";
import { type Counts, costsOf, sumCosts, totalOf } from "./prices.ts";
import { STRANGER_TITLES } from "./strangers.ts";
import { dollars, table } from "./tables.ts";

const CLIENTS = 20;

/** Layers that docker uploads at the same time by default. */
const UPLOADS_PER_CLIENT = 5;

const MILLION = 1e6;
const SECONDS_PER_HOUR = 3600;

const LIMITS = limitsOf({});

const NOTHING: Counts = {
  ...{ title: "", eventInvocations: 0, eventMs: 0, webRequests: 0, webMs: 0, dynamoCalls: 0, s3: {} },
  ...{ units: { reads: 0, writes: 0 }, objects: 0, uploadedBytes: 0 },
};

/** Returns the tables of docs/limits.md. */
export function limitTables(rows: readonly Counts[]): readonly string[] {
  return [strangerTable(rows), demandTable(rows)];
}

/** Returns what a million requests of clients without an account cost, and an hour of them at the default limit. */
function strangerTable(rows: readonly Counts[]): string {
  const lines = STRANGER_TITLES.map((title) => {
    const counts = rowOf(rows, title);
    const costs = sumCosts([[MILLION, costsOf(counts)]]);
    const cloudfront =
      costs["CloudFront requests"] + costs["CloudFront Functions"] + costs["CloudFront responses"];
    const { webFunctionRateLimit, apiRateLimit } = LIMITS;
    const rate = counts.webRequests > 0 ? webFunctionRateLimit : apiRateLimit;
    const hour = (totalOf(costs) * rate * SECONDS_PER_HOUR) / MILLION;
    const parts = [cloudfront, costs["API Gateway"], costs.Lambda, costs.logs, totalOf(costs), hour];
    return [title, ...parts.map(dollars)];
  });
  const { webFunctionMaxEnvironments: count } = LIMITS;
  const occupied = costsOf({ ...NOTHING, webMs: count * SECONDS_PER_HOUR * 1000 }).Lambda;
  lines.push([`${count} environments of the web function`, "", "", "", "", "", dollars(occupied)]);
  const components = ["CloudFront", "API Gateway", "Lambda", "logs"];
  return table(["a million", ...components, "total", "an hour at the limit"], lines);
}

/** Returns what a push by several clients needs at the same time, and the default limits. */
function demandTable(rows: readonly Counts[]): string {
  const pushes = ["PUT", "PATCH"].map((form) => rowOf(rows, `push of ten layers by ${form}`));
  const most = (count: (counts: Counts) => number) => CLIENTS * Math.max(...pushes.map(count));
  const uploads = CLIENTS * UPLOADS_PER_CLIENT;
  const environments = Math.ceil(uploads / MAX_CONCURRENCY_PER_ENVIRONMENT);
  const capacity = LIMITS.webFunctionMaxEnvironments * MAX_CONCURRENCY_PER_ENVIRONMENT;
  return table(
    [`a push by ${CLIENTS} clients`, "needs at most", "limit"],
    [
      ["requests to API Gateway", most((counts) => counts.eventInvocations), LIMITS.apiBurstLimit],
      ["requests to the web function", most((counts) => counts.webRequests), LIMITS.webFunctionRateLimit],
      ["uploads at the same time", uploads, capacity],
      ["environments of the web function", environments, LIMITS.webFunctionMaxEnvironments],
    ].map((line) => line.map((cell) => cell.toLocaleString("en"))),
  );
}

function rowOf(rows: readonly Counts[], title: string): Counts {
  const row = rows.find((counts) => counts.title === title);
  if (row === undefined) throw new Error(`not measured: ${title}`);
  return row;
}
