import { Assets } from "./assets.ts";
import { type DistributionModel, parseDistribution } from "./distribution.ts";
import { type FunctionModel, readFunction } from "./functions.ts";
import { type ApiModel, parseApi } from "./http-api.ts";
import { checkTypes } from "./resources.ts";
import { parseBuckets, parseTables, type TableModel } from "./storage.ts";
import { Template } from "./template.ts";
import { parseTriggers, type TriggerModel } from "./triggers.ts";
import { parseWebFunction, type WebFunctionModel } from "./web-function.ts";

/** The parts of a synthesized stack that run on this machine. */
export interface Deployment {
  readonly buckets: readonly string[];
  readonly tables: readonly TableModel[];
  /** Functions invoked by the API. */
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
 * @throws Error if anything in the stack is unsupported
 */
export function readDeployment(folder: string, host: string): Deployment {
  const template = Template.read(folder, host);
  checkTypes(template);
  const assets = new Assets(folder);
  const api = parseApi(template);
  const arns = [...new Set(api.routes.map(({ functionArn }) => functionArn))];
  return {
    buckets: parseBuckets(template),
    tables: parseTables(template),
    functions: arns.map((arn) => readFunction(template, assets, arn)),
    api,
    webFunction: parseWebFunction(template, assets),
    distribution: parseDistribution(template),
    triggers: parseTriggers(template, assets),
  };
}
