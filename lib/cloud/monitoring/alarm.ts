import {
  Alarm,
  ComparisonOperator,
  type IAlarmAction,
  type IMetric,
  TreatMissingData,
} from "aws-cdk-lib/aws-cloudwatch";
import type { Construct } from "constructs";

/** Alarm threshold and description. */
export interface AlarmRule {
  readonly metric: IMetric;
  /** Section of docs/runbook.md that describes how to respond to the alarm. */
  readonly section: string;
  /** Description of the problem, as a sentence. */
  readonly problem: string;
  /** Threshold that the metric must exceed. */
  readonly threshold: number;
  /** Number of consecutive metric periods above the threshold. */
  readonly periods: number;
}

/** Creates an alarm that notifies on both transitions, to alarm and to OK. */
export function createAlarm(
  scope: Construct,
  id: string,
  { metric, section, problem: what, threshold: above, periods }: AlarmRule,
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
