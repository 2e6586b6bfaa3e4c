import { CfnResource, Stack } from "aws-cdk-lib";
import type { LogGroup } from "aws-cdk-lib/aws-logs";
import type { Construct } from "constructs";

/** Id suffix of CDK's custom resource providers, which are singletons in a stack. */
const PROVIDER = "CustomResourceProvider";

/**
 * Sends the logs of CDK's custom resource functions (which empty buckets, run triggers and restrict default security groups)
 * to a log group of the stack. Otherwise Lambda would create log groups that never expire and outlive the stack.
 * @see https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-loggroups.html
 */
export function sendHelperLogsTo(scope: Construct, logs: LogGroup): void {
  for (const provider of Stack.of(scope).node.children) {
    if (!provider.node.id.endsWith(PROVIDER)) continue;
    const handler = provider.node.tryFindChild("Handler");
    if (!(handler instanceof CfnResource))
      throw new Error(`${provider.node.path} has no function named Handler`);
    handler.addPropertyOverride("LoggingConfig.LogGroup", logs.logGroupName);
  }
}
