import { Aws, CfnCondition, Fn } from "aws-cdk-lib";
import { CfnAlarm, type IAlarmAction } from "aws-cdk-lib/aws-cloudwatch";
import { SnsAction } from "aws-cdk-lib/aws-cloudwatch-actions";
import type { ITopic } from "aws-cdk-lib/aws-sns";
import { Construct } from "constructs";
import { type AlarmRule, createAlarm } from "./alarm.ts";
import { createDashboard } from "./dashboard.ts";
import { CLOUDFRONT_REGION, type RegistryMetrics } from "./metrics.ts";

/** Options for `Monitoring`. */
export interface MonitoringProps {
  readonly metrics: RegistryMetrics;
  readonly topic?: ITopic | undefined;
}

/** Alarms and a dashboard. */
export class Monitoring extends Construct {
  constructor(scope: Construct, id: string, { metrics, topic }: MonitoringProps) {
    super(scope, id);
    const actions = topic === undefined ? [] : [new SnsAction(topic)];
    for (const [name, watch] of Object.entries(watches(metrics))) createAlarm(this, name, watch, actions);
    this.#watchEdge(metrics, actions);
    createDashboard(this, metrics);
  }

  /** Creates the CloudFront alarm only in the region of CloudFront's metrics: alarms cannot read metrics in other regions. */
  #watchEdge({ edge }: RegistryMetrics, actions: readonly IAlarmAction[]): void {
    const watch: AlarmRule = {
      metric: edge.failureRate,
      section: "responses-with-5xx",
      problem: "More than 2% of all CloudFront responses are 5xx.",
      threshold: 2,
      periods: 3,
    };
    const alarm = createAlarm(this, "EdgeFailures", watch, actions);
    const condition = new CfnCondition(this, "SeesEdge", {
      expression: Fn.conditionEquals(Aws.REGION, CLOUDFRONT_REGION),
    });
    if (alarm.node.defaultChild instanceof CfnAlarm) alarm.node.defaultChild.cfnOptions.condition = condition;
  }
}

function watches({ pull, api, http, stream, throttledTable }: RegistryMetrics): Record<string, AlarmRule> {
  return {
    PullErrors: failureWatch("The pull function is failing.", pull.errors),
    ApiErrors: failureWatch("The API function is failing.", api.errors),
    StreamErrors: {
      ...failureWatch("Uploads are failing with internal errors.", stream.errors),
      section: "failing-uploads",
    },
    StreamFailures: {
      metric: stream.failures,
      section: "failing-uploads",
      problem: "The upload origin is returning 5xx or not responding.",
      threshold: 5,
      periods: 1,
    },
    PullThrottles: throttlingWatch("The pull function is being throttled.", pull.throttles),
    ApiThrottles: throttlingWatch("The API function is being throttled.", api.throttles),
    PullSlow: latencyWatch("The p99 latency of the pull function exceeds 3 seconds.", pull.duration, 3000),
    ApiSlow: latencyWatch("The p99 latency of the API function exceeds 20 seconds.", api.duration, 20_000),
    ApiFailures: {
      metric: http.failures,
      section: "responses-with-5xx",
      problem: "API Gateway is returning 5xx.",
      threshold: 5,
      periods: 2,
    },
    TableThrottles: {
      metric: throttledTable,
      section: "throttled-table",
      problem: "DynamoDB is throttling requests to the table.",
      threshold: 0,
      periods: 3,
    },
  };
}

function failureWatch(what: string, metric: AlarmRule["metric"]): AlarmRule {
  return { metric, section: "failing-functions", problem: what, threshold: 0, periods: 1 };
}

function throttlingWatch(what: string, metric: AlarmRule["metric"]): AlarmRule {
  return { metric, section: "throttled-functions", problem: what, threshold: 0, periods: 2 };
}

function latencyWatch(what: string, metric: AlarmRule["metric"], above: number): AlarmRule {
  return { metric, section: "slow-responses", problem: what, threshold: above, periods: 3 };
}
