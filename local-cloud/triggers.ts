import type { LambdaFunction } from "./lambda/function.ts";
import type { FunctionModel } from "./template/functions.ts";
import type { TriggerModel } from "./template/triggers.ts";

type StartFunction = (model: FunctionModel) => Promise<LambdaFunction>;

/**
 * Deployment step that invokes each new function version once.
 * @see https://docs.aws.amazon.com/cdk/api/v2/docs/aws-cdk-lib.triggers-readme.html
 */
export class Triggers {
  readonly #start: StartFunction;
  readonly #invoked = new Set<string>();

  constructor(start: StartFunction) {
    this.#start = start;
  }

  /** Invokes new versions. @returns the number of invocations @throws Error when one fails, which fails the deployment */
  async deploy(triggers: readonly TriggerModel[]): Promise<number> {
    const changed = triggers.filter(({ versionArn }) => !this.#invoked.has(versionArn));
    for (const { versionArn, handler } of changed) {
      await this.#invoke(handler);
      this.#invoked.add(versionArn);
    }
    return changed.length;
  }

  async #invoke(handler: FunctionModel): Promise<void> {
    const lambda = await this.#start(handler);
    try {
      await lambda.invoke("{}");
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new Error(`deployment failed: ${handler.id}: ${reason}`, { cause: error });
    } finally {
      await lambda.stop();
    }
  }
}
