import { RemovalPolicy } from "aws-cdk-lib";
import { LogGroup, type RetentionDays } from "aws-cdk-lib/aws-logs";
import type { Construct } from "constructs";

export interface LogsProps {
  readonly retention: RetentionDays;
  /** @default a name of CloudFormation's making */
  readonly name?: string;
}

/** Logs are kept for a while, and go with the stack. */
export function logGroup(scope: Construct, id: string, { retention, name }: LogsProps): LogGroup {
  return new LogGroup(scope, id, {
    retention,
    removalPolicy: RemovalPolicy.DESTROY,
    ...(name === undefined ? {} : { logGroupName: name }),
  });
}
