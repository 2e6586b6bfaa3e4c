import { isAllowed } from "../iam/policy.ts";
import type { Assets } from "./assets.ts";
import { type FunctionModel, functionOf, functionResource } from "./functions.ts";
import { statementsOf } from "./roles.ts";
import type { Template } from "./template.ts";

/** A function that is invoked once by a deployment. */
export interface TriggerModel {
  /** Of the function as it is, so that a deployment with another one invokes that anew. */
  readonly versionArn: string;
  readonly handler: FunctionModel;
}

/** What CDK's own function for triggers, which is not run here, would invoke. */
export function triggersOf(template: Template, assets: Assets): readonly TriggerModel[] {
  return template.ofType("Custom::Trigger").map((resource) => {
    const properties = template.propertiesOf(resource);
    properties.oneOf("InvocationType", "RequestResponse");
    properties.oneOf("ExecuteOnHandlerChange", true);
    const versionArn = properties.text("HandlerArn");
    const patience = properties.number("Timeout");
    checkInvoker(template, properties.text("ServiceToken"), versionArn);
    properties.finish();
    const handler = functionOf(template, assets, versionArn);
    if (handler.timeout * 1000 >= patience) throw new Error(`${properties.where} does not wait for its end`);
    return { versionArn, handler };
  });
}

/** Without this right it would be refused by Lambda. */
function checkInvoker(template: Template, invokerArn: string, versionArn: string): void {
  const invoker = template.propertiesOf(functionResource(template, invokerArn));
  const statements = statementsOf(template, invoker.text("Role"));
  if (!isAllowed(statements, { action: "lambda:InvokeFunction", resource: versionArn }))
    throw new Error(`${invoker.where} may not invoke ${versionArn}`);
}
