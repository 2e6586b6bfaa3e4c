import { Duration } from "aws-cdk-lib";
import type { HttpApi } from "aws-cdk-lib/aws-apigatewayv2";
import type { Distribution } from "aws-cdk-lib/aws-cloudfront";
import { type IMetric, MathExpression, Metric, Stats } from "aws-cdk-lib/aws-cloudwatch";
import type { Table } from "aws-cdk-lib/aws-dynamodb";
import type { IFunction } from "aws-cdk-lib/aws-lambda";
import { FilterPattern, type LogGroup, MetricFilter } from "aws-cdk-lib/aws-logs";

const METRIC_PERIOD = Duration.minutes(5);
/** Sum over five minutes. */
export const FIVE_MINUTE_SUM = { period: METRIC_PERIOD, statistic: Stats.SUM } as const;
const P99 = { period: METRIC_PERIOD, statistic: "p99" } as const;

/** Region in which CloudFront publishes its metrics, regardless of the stack's region. */
export const CLOUDFRONT_REGION = "us-east-1";

/** Resources whose metrics are collected. */
export interface MetricSources {
  readonly pull: IFunction;
  readonly api: IFunction;
  readonly http: HttpApi;
  readonly distribution: Distribution;
  readonly stream: { readonly logs: LogGroup; readonly failures: IMetric };
  readonly table: Table;
}

/** Metrics of a registry. */
export type RegistryMetrics = ReturnType<typeof registryMetrics>;

/** Returns all metrics for the alarms and the dashboard. */
export function registryMetrics(sources: MetricSources) {
  return {
    pull: functionMetrics("pull", sources.pull),
    api: functionMetrics("api", sources.api),
    http: {
      failures: sources.http.metricServerError({ ...FIVE_MINUTE_SUM, label: "5xx" }),
      latency: sources.http.metricLatency({ ...P99, label: "API Gateway" }),
    },
    edge: edgeMetrics(sources.distribution),
    stream: { errors: loggedErrors(sources.stream.logs), failures: sources.stream.failures },
    throttledTable: throttledTable(sources.table),
  };
}

function functionMetrics(name: string, handler: IFunction) {
  const sum = { ...FIVE_MINUTE_SUM, label: name };
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
      period: METRIC_PERIOD,
      statistic,
    });
  return {
    requests: metric("Requests", Stats.SUM),
    failureRate: metric("5xxErrorRate", Stats.AVERAGE),
    uploaded: metric("BytesUploaded", Stats.SUM),
  };
}

/**
 * Log filter patterns: internal server errors (lib/http/middleware/log.ts), as JSON or as a string within JSON, and failed
 * starts reported by Lambda.
 */
const FAILURE_LOG_PATTERNS = {
  Defect: '?"\\"level\\":\\"error\\"" ?"\\\\\\"level\\\\\\":\\\\\\"error\\\\\\""',
  FailedStart: '"platform.initReport" "failure"',
};

/** Returns a metric that counts internal errors in the registry's log. */
function loggedErrors(logGroup: LogGroup): Metric {
  const metricNamespace = "Dockless";
  const metricName = `${logGroup.node.addr}-errors`;
  for (const [id, pattern] of Object.entries(FAILURE_LOG_PATTERNS)) {
    new MetricFilter(logGroup, id, {
      logGroup,
      metricNamespace,
      metricName,
      metricValue: "1",
      filterPattern: FilterPattern.literal(pattern),
    });
  }
  return new Metric({ namespace: metricNamespace, metricName, ...FIVE_MINUTE_SUM, label: "stream" });
}

function throttledTable(table: Table): MathExpression {
  return new MathExpression({
    expression: "FILL(reads, 0) + FILL(writes, 0)",
    usingMetrics: {
      reads: table.metric("ReadThrottleEvents", FIVE_MINUTE_SUM),
      writes: table.metric("WriteThrottleEvents", FIVE_MINUTE_SUM),
    },
    period: METRIC_PERIOD,
    label: "throttled reads and writes",
  });
}
