import { RemovalPolicy } from "aws-cdk-lib";
import { LogGroup, type RetentionDays } from "aws-cdk-lib/aws-logs";
import type { Construct } from "constructs";

export interface LogsProps {
  readonly retention: RetentionDays;
  /** @default a name of CloudFormation's making */
  readonly name?: string;
  /** @default RemovalPolicy.DESTROY */
  readonly removalPolicy?: RemovalPolicy;
}

/** Logs are kept for a while, and unless it is said otherwise they go with what writes them. */
export function logGroup(
  scope: Construct,
  id: string,
  { retention, name, removalPolicy = RemovalPolicy.DESTROY }: LogsProps,
): LogGroup {
  return new LogGroup(scope, id, {
    retention,
    removalPolicy,
    ...(name === undefined ? {} : { logGroupName: name }),
  });
}
