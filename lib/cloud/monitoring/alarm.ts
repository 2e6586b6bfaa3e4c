import {
  Alarm,
  ComparisonOperator,
  type IAlarmAction,
  type IMetric,
  TreatMissingData,
} from "aws-cdk-lib/aws-cloudwatch";
import type { Construct } from "constructs";

/** A number above which something is wrong. */
export interface Watch {
  readonly metric: IMetric;
  /** The section of docs/runbook.md that says what to do. */
  readonly section: string;
  readonly what: string;
  readonly above: number;
  /** For how many periods of the metric in a row. */
  readonly periods: number;
}

export function createAlarm(
  scope: Construct,
  id: string,
  { metric, section, what, above, periods }: Watch,
  actions: readonly IAlarmAction[],
): Alarm {
  const alarm = new Alarm(scope, id, {
    metric,
    alarmDescription: `${what} What to do: docs/runbook.md#${section}`,
    comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
    threshold: above,
    evaluationPeriods: periods,
    // Nobody is there: that is no failure.
    treatMissingData: TreatMissingData.NOT_BREACHING,
  });
  alarm.addAlarmAction(...actions);
  alarm.addOkAction(...actions);
  return alarm;
}
