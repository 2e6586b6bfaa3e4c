import { isAllowed } from "../iam/policy.ts";
import type { Assets } from "./assets.ts";
import { type FunctionModel, functionOf, functionResource } from "./functions.ts";
import { statementsOf } from "./roles.ts";
import type { Template } from "./template.ts";

/** Function that a deployment invokes once. */
export interface TriggerModel {
  /** ARN of the function's version, so that a deployment with another version invokes it again. */
  readonly versionArn: string;
  readonly handler: FunctionModel;
}

/** Reads the triggers, whose functions are invoked directly instead of by CDK's own function for triggers. */
export function triggersOf(template: Template, assets: Assets): readonly TriggerModel[] {
  return template.ofType("Custom::Trigger").map((resource) => {
    const properties = template.propertiesOf(resource);
    properties.oneOf("InvocationType", "RequestResponse");
    properties.oneOf("ExecuteOnHandlerChange", true);
    const versionArn = properties.text("HandlerArn");
    const waitMilliseconds = properties.number("Timeout");
    checkInvoker(template, properties.text("ServiceToken"), versionArn);
    properties.finish();
    const handler = functionOf(template, assets, versionArn);
    if (handler.timeout * 1000 >= waitMilliseconds)
      throw new Error(`${properties.where}: the timeout is shorter than that of the function`);
    return { versionArn, handler };
  });
}

/** Requires the permission of CDK's function to invoke the handler, without which Lambda rejects its calls. */
function checkInvoker(template: Template, invokerArn: string, versionArn: string): void {
  const invoker = template.propertiesOf(functionResource(template, invokerArn));
  const statements = statementsOf(template, invoker.text("Role"));
  if (!isAllowed(statements, { action: "lambda:InvokeFunction", resource: versionArn }))
    throw new Error(`${invoker.where} is not allowed to invoke ${versionArn}`);
}
