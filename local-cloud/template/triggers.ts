import { isAllowed } from "../iam/policy.ts";
import type { Assets } from "./assets.ts";
import { type FunctionModel, functionResource, readFunction } from "./functions.ts";
import { parseStatements } from "./roles.ts";
import type { Template } from "./template.ts";

/** A function that is invoked once per deployment. */
export interface TriggerModel {
  /** ARN of the function's version, so that a deployment with another version invokes it again. */
  readonly versionArn: string;
  readonly handler: FunctionModel;
}

/** Reads the triggers. The local cloud invokes their functions directly, not through CDK's trigger function. */
export function parseTriggers(template: Template, assets: Assets): readonly TriggerModel[] {
  return template.ofType("Custom::Trigger").map((resource) => {
    const properties = template.propertiesOf(resource);
    properties.requireOneOf("InvocationType", "RequestResponse");
    properties.requireOneOf("ExecuteOnHandlerChange", true);
    const versionArn = properties.text("HandlerArn");
    const waitMilliseconds = properties.number("Timeout");
    checkInvoker(template, properties.text("ServiceToken"), versionArn);
    properties.rejectUnread();
    const handler = readFunction(template, assets, versionArn);
    if (handler.timeout * 1000 >= waitMilliseconds)
      throw new Error(`${properties.where}: the timeout is shorter than the timeout of the function`);
    return { versionArn, handler };
  });
}

/** Requires a permission for CDK's trigger function to invoke the handler: without it, Lambda would reject the call. */
function checkInvoker(template: Template, invokerArn: string, versionArn: string): void {
  const invoker = template.propertiesOf(functionResource(template, invokerArn));
  const statements = parseStatements(template, invoker.text("Role"));
  if (!isAllowed(statements, { action: "lambda:InvokeFunction", resource: versionArn }))
    throw new Error(`${invoker.where} is not allowed to invoke ${versionArn}`);
}
