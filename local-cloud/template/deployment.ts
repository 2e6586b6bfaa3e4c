import { Assets } from "./assets.ts";
import { type DistributionModel, distributionOf } from "./distribution.ts";
import { type FunctionModel, functionOf } from "./functions.ts";
import { type ApiModel, apiOf } from "./http-api.ts";
import { checkTypes } from "./resources.ts";
import { bucketsOf, type TableModel, tablesOf } from "./storage.ts";
import { Template } from "./template.ts";
import { type TriggerModel, triggersOf } from "./triggers.ts";
import { type WebFunctionModel, webFunctionOf } from "./web-function.ts";

/** Parts of a synthesized stack that run on this machine. */
export interface Deployment {
  readonly buckets: readonly string[];
  readonly tables: readonly TableModel[];
  /** Functions that the API invokes. */
  readonly functions: readonly FunctionModel[];
  readonly api: ApiModel;
  readonly webFunction: WebFunctionModel;
  readonly distribution: DistributionModel;
  readonly triggers: readonly TriggerModel[];
}

/**
 * Reads a synthesized stack.
 * @param folder output folder of `cdk synth`
 * @param host hostname of the distribution
 * @throws Error for anything in the stack that is unsupported
 */
export function readDeployment(folder: string, host: string): Deployment {
  const template = Template.read(folder, host);
  checkTypes(template);
  const assets = new Assets(folder);
  const api = apiOf(template);
  const arns = [...new Set(api.routes.map(({ functionArn }) => functionArn))];
  return {
    buckets: bucketsOf(template),
    tables: tablesOf(template),
    functions: arns.map((arn) => functionOf(template, assets, arn)),
    api,
    webFunction: webFunctionOf(template, assets),
    distribution: distributionOf(template),
    triggers: triggersOf(template, assets),
  };
}
