import {
  Alarm,
  ComparisonOperator,
  type IAlarmAction,
  type IMetric,
  TreatMissingData,
} from "aws-cdk-lib/aws-cloudwatch";
import type { Construct } from "constructs";

/** Threshold of a metric and the alarm's description. */
export interface Watch {
  readonly metric: IMetric;
  /** Section of docs/runbook.md with the response to the alarm. */
  readonly section: string;
  /** Description of the problem, as a sentence. */
  readonly what: string;
  /** Threshold that the metric must exceed. */
  readonly above: number;
  /** Number of consecutive periods of the metric. */
  readonly periods: number;
}

/** Creates an alarm that notifies on both transitions, to alarm and to OK. */
export function createAlarm(
  scope: Construct,
  id: string,
  { metric, section, what, above, periods }: Watch,
  actions: readonly IAlarmAction[],
): Alarm {
  const alarm = new Alarm(scope, id, {
    metric,
    alarmDescription: `${what} Runbook: docs/runbook.md#${section}`,
    comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
    threshold: above,
    evaluationPeriods: periods,
    // Without traffic there is no data, which is not a failure.
    treatMissingData: TreatMissingData.NOT_BREACHING,
  });
  alarm.addAlarmAction(...actions);
  alarm.addOkAction(...actions);
  return alarm;
}
