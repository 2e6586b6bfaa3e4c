import { Aws, CfnCondition, Fn } from "aws-cdk-lib";
import { CfnAlarm, type IAlarmAction } from "aws-cdk-lib/aws-cloudwatch";
import { SnsAction } from "aws-cdk-lib/aws-cloudwatch-actions";
import type { ITopic } from "aws-cdk-lib/aws-sns";
import { Construct } from "constructs";
import { createAlarm, type Watch } from "./alarm.ts";
import { createDashboard } from "./dashboard.ts";
import { CLOUDFRONT_REGION, type RegistryMetrics } from "./metrics.ts";

export interface MonitoringProps {
  readonly metrics: RegistryMetrics;
  readonly topic?: ITopic | undefined;
}

/** Tells when something is wrong, and shows what goes on. */
export class Monitoring extends Construct {
  constructor(scope: Construct, id: string, { metrics, topic }: MonitoringProps) {
    super(scope, id);
    const actions = topic === undefined ? [] : [new SnsAction(topic)];
    for (const [name, watch] of Object.entries(watches(metrics))) createAlarm(this, name, watch, actions);
    this.#watchEdge(metrics, actions);
    createDashboard(this, metrics);
  }

  /** An alarm sees only the metrics of its own region. */
  #watchEdge({ edge }: RegistryMetrics, actions: readonly IAlarmAction[]): void {
    const watch: Watch = {
      metric: edge.failureRate,
      section: "answers-of-5xx",
      what: "More than 2 % of all answers at CloudFront are 5xx.",
      above: 2,
      periods: 3,
    };
    const alarm = createAlarm(this, "EdgeFailures", watch, actions);
    const condition = new CfnCondition(this, "SeesEdge", {
      expression: Fn.conditionEquals(Aws.REGION, CLOUDFRONT_REGION),
    });
    if (alarm.node.defaultChild instanceof CfnAlarm) alarm.node.defaultChild.cfnOptions.condition = condition;
  }
}

function watches({ pull, api, http, stream, throttledTable }: RegistryMetrics): Record<string, Watch> {
  return {
    PullErrors: failing("The pull function fails.", pull.errors),
    ApiErrors: failing("The API function fails.", api.errors),
    StreamErrors: {
      ...failing("Uploads fail within the registry.", stream.errors),
      section: "failing-uploads",
    },
    StreamFailures: {
      metric: stream.failures,
      section: "failing-uploads",
      what: "What takes uploads answers with 5xx, or does not answer.",
      above: 5,
      periods: 1,
    },
    PullThrottles: throttled("The pull function is throttled.", pull.throttles),
    ApiThrottles: throttled("The API function is throttled.", api.throttles),
    PullSlow: slow("One pull request in a hundred takes more than 3 seconds.", pull.duration, 3000),
    ApiSlow: slow("One API request in a hundred takes more than 20 seconds.", api.duration, 20_000),
    ApiFailures: {
      metric: http.failures,
      section: "answers-of-5xx",
      what: "API Gateway answers with 5xx.",
      above: 5,
      periods: 2,
    },
    TableThrottles: {
      metric: throttledTable,
      section: "throttled-table",
      what: "DynamoDB throttles the table.",
      above: 0,
      periods: 3,
    },
  };
}

function failing(what: string, metric: Watch["metric"]): Watch {
  return { metric, section: "failing-functions", what, above: 0, periods: 1 };
}

function throttled(what: string, metric: Watch["metric"]): Watch {
  return { metric, section: "throttled-functions", what, above: 0, periods: 2 };
}

function slow(what: string, metric: Watch["metric"], above: number): Watch {
  return { metric, section: "slow-answers", what, above, periods: 3 };
}
