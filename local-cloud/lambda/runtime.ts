import { existsSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Invocation, Told } from "./messages.ts";

/**
 * Runs within an environment, as Lambda's own runtime does: loads the handler, then calls it for one event at a time.
 * @see https://docs.aws.amazon.com/lambda/latest/dg/nodejs-handler.html
 */
type Handler = (event: unknown, context: object) => unknown;

const EXTENSIONS = ["js", "mjs", "cjs"];

process.on("unhandledRejection", (reason) => {
  tell(failure(reason));
  process.exit(128);
});

try {
  const handler = await load();
  process.on("message", (invocation: Invocation) => void invoke(handler, invocation));
  tell({ ready: true });
} catch (error) {
  tell(failure(error));
}

/** `_HANDLER` is the module and the name that it exports, for example `index.handler`. */
async function load(): Promise<Handler> {
  const { LAMBDA_TASK_ROOT: root = "", _HANDLER: text = "" } = process.env;
  const dot = text.lastIndexOf(".");
  const path = join(root, text.slice(0, dot));
  const file = EXTENSIONS.map((extension) => `${path}.${extension}`).find((name) => existsSync(name));
  if (file === undefined) throw new Error(`Cannot find module '${path}'`);
  const name = text.slice(dot + 1);
  const exported = await import(pathToFileURL(file).href);
  const handler: unknown = exported[name] ?? exported.default?.[name];
  if (typeof handler !== "function") throw new Error(`${text} is undefined or not exported`);
  return (event, context) => handler(event, context);
}

async function invoke(handler: Handler, { event, requestId, deadline }: Invocation): Promise<void> {
  try {
    const answer = await handler(JSON.parse(event), contextOf(requestId, deadline));
    tell({ payload: JSON.stringify(answer) ?? "null" });
  } catch (error) {
    tell(failure(error));
  }
}

function contextOf(awsRequestId: string, deadline: number): object {
  const { AWS_LAMBDA_FUNCTION_NAME: functionName, AWS_LAMBDA_FUNCTION_MEMORY_SIZE: memoryLimitInMB } =
    process.env;
  return {
    awsRequestId,
    callbackWaitsForEmptyEventLoop: true,
    functionName,
    functionVersion: "$LATEST",
    invokedFunctionArn: `arn:aws:lambda:us-east-1:000000000000:function:${functionName}`,
    memoryLimitInMB,
    getRemainingTimeInMillis: () => deadline - Date.now(),
  };
}

function failure(error: unknown): Told {
  console.error(error);
  if (error instanceof Error) return { errorType: error.name, errorMessage: error.message };
  return { errorType: "string", errorMessage: String(error) };
}

function tell(told: Told): void {
  process.send?.(told);
}
