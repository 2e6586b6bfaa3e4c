import { Duration } from "aws-cdk-lib";
import type { HttpApi } from "aws-cdk-lib/aws-apigatewayv2";
import type { Distribution } from "aws-cdk-lib/aws-cloudfront";
import { type IMetric, MathExpression, Metric, Stats } from "aws-cdk-lib/aws-cloudwatch";
import type { Table } from "aws-cdk-lib/aws-dynamodb";
import type { IFunction } from "aws-cdk-lib/aws-lambda";
import { FilterPattern, type LogGroup, MetricFilter } from "aws-cdk-lib/aws-logs";

const PERIOD = Duration.minutes(5);
/** How often something happened within five minutes. */
export const SUM = { period: PERIOD, statistic: Stats.SUM } as const;
const P99 = { period: PERIOD, statistic: "p99" } as const;

/** Where CloudFront's metrics are, whatever the region. */
export const CLOUDFRONT_REGION = "us-east-1";

export interface MetricSources {
  readonly pull: IFunction;
  readonly api: IFunction;
  readonly http: HttpApi;
  readonly distribution: Distribution;
  readonly stream: { readonly logs: LogGroup; readonly failures: IMetric };
  readonly table: Table;
}

export type RegistryMetrics = ReturnType<typeof registryMetrics>;

/** All numbers that alarms and dashboard are about. */
export function registryMetrics(sources: MetricSources) {
  return {
    pull: functionMetrics("pull", sources.pull),
    api: functionMetrics("api", sources.api),
    http: {
      failures: sources.http.metricServerError({ ...SUM, label: "5xx" }),
      latency: sources.http.metricLatency({ ...P99, label: "API Gateway" }),
    },
    edge: edgeMetrics(sources.distribution),
    stream: { errors: loggedErrors(sources.stream.logs), failures: sources.stream.failures },
    throttledTable: throttledTable(sources.table),
  };
}

function functionMetrics(name: string, handler: IFunction) {
  const sum = { ...SUM, label: name };
  return {
    invocations: handler.metricInvocations(sum),
    errors: handler.metricErrors(sum),
    throttles: handler.metricThrottles(sum),
    duration: handler.metricDuration({ ...P99, label: name }),
  };
}

function edgeMetrics(distribution: Distribution) {
  const metric = (metricName: string, statistic: string) =>
    new Metric({
      namespace: "AWS/CloudFront",
      metricName,
      dimensionsMap: { DistributionId: distribution.distributionId, Region: "Global" },
      period: PERIOD,
      statistic,
    });
  return {
    requests: metric("Requests", Stats.SUM),
    failureRate: metric("5xxErrorRate", Stats.AVERAGE),
    uploaded: metric("BytesUploaded", Stats.SUM),
  };
}

/**
 * What the server logs of its own failures (lib/http/middleware/log.ts), as it is or as text within a line of JSON; and that Lambda
 * could not start it.
 */
const FAILURES = {
  Defect: '?"\\"level\\":\\"error\\"" ?"\\\\\\"level\\\\\\":\\\\\\"error\\\\\\""',
  FailedStart: '"platform.initReport" "failure"',
};

/** Made from the log, which tells what went wrong within the registry itself. */
function loggedErrors(logGroup: LogGroup): Metric {
  const metricNamespace = "Dockless";
  const metricName = `${logGroup.node.addr}-errors`;
  for (const [id, pattern] of Object.entries(FAILURES)) {
    new MetricFilter(logGroup, id, {
      logGroup,
      metricNamespace,
      metricName,
      metricValue: "1",
      filterPattern: FilterPattern.literal(pattern),
    });
  }
  return new Metric({ namespace: metricNamespace, metricName, ...SUM, label: "stream" });
}

function throttledTable(table: Table): MathExpression {
  return new MathExpression({
    expression: "FILL(reads, 0) + FILL(writes, 0)",
    usingMetrics: {
      reads: table.metric("ReadThrottleEvents", SUM),
      writes: table.metric("WriteThrottleEvents", SUM),
    },
    period: PERIOD,
    label: "throttled reads and writes",
  });
}
