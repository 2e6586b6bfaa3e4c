import type { LambdaFunction } from "./lambda/function.ts";
import type { FunctionModel } from "./template/functions.ts";
import type { TriggerModel } from "./template/triggers.ts";

type Start = (model: FunctionModel) => Promise<LambdaFunction>;

/**
 * What deployments do with the functions that are to run once in each of them that brings them anew.
 * @see https://docs.aws.amazon.com/cdk/api/v2/docs/aws-cdk-lib.triggers-readme.html
 */
export class Triggers {
  readonly #start: Start;
  readonly #invoked = new Set<string>();

  constructor(start: Start) {
    this.#start = start;
  }

  /** @returns how many were invoked @throws Error when one fails: then so does the deployment */
  async deploy(triggers: readonly TriggerModel[]): Promise<number> {
    const anew = triggers.filter(({ versionArn }) => !this.#invoked.has(versionArn));
    for (const { versionArn, handler } of anew) {
      await this.#invoke(handler);
      this.#invoked.add(versionArn);
    }
    return anew.length;
  }

  async #invoke(handler: FunctionModel): Promise<void> {
    const lambda = await this.#start(handler);
    try {
      await lambda.invoke("{}");
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      throw new Error(`the deployment fails, since ${handler.id} does: ${why}`, { cause: error });
    } finally {
      await lambda.stop();
    }
  }
}
