import { existsSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Invocation, RuntimeMessage } from "./messages.ts";

/**
 * A function's handler, which this program loads and calls for one event at a time, as Lambda's runtime does.
 * @see https://docs.aws.amazon.com/lambda/latest/dg/nodejs-handler.html
 */
type Handler = (event: unknown, context: object) => unknown;

const MODULE_EXTENSIONS = ["js", "mjs", "cjs"];

process.on("unhandledRejection", (reason) => {
  send(failure(reason));
  process.exit(128);
});

try {
  const handler = await loadHandler();
  process.on("message", (invocation: Invocation) => void invoke(handler, invocation));
  send({ ready: true });
} catch (error) {
  send(failure(error));
}

/** Loads the handler named by `_HANDLER`: a module and the name of its export, for example `index.handler`. */
async function loadHandler(): Promise<Handler> {
  const { LAMBDA_TASK_ROOT: root = "", _HANDLER: text = "" } = process.env;
  const dot = text.lastIndexOf(".");
  const path = join(root, text.slice(0, dot));
  const file = MODULE_EXTENSIONS.map((extension) => `${path}.${extension}`).find((name) => existsSync(name));
  if (file === undefined) throw new Error(`Cannot find module '${path}'`);
  const name = text.slice(dot + 1);
  const exported = await import(pathToFileURL(file).href);
  const handler: unknown = exported[name] ?? exported.default?.[name];
  if (typeof handler !== "function") throw new Error(`${text} is undefined or not exported`);
  return (event, context) => handler(event, context);
}

async function invoke(handler: Handler, { event, requestId, deadline }: Invocation): Promise<void> {
  try {
    const response = await handler(JSON.parse(event), contextOf(requestId, deadline));
    send({ payload: JSON.stringify(response) ?? "null" });
  } catch (error) {
    send(failure(error));
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

function failure(error: unknown): RuntimeMessage {
  console.error(error);
  if (error instanceof Error) return { errorType: error.name, errorMessage: error.message };
  return { errorType: "string", errorMessage: String(error) };
}

function send(message: RuntimeMessage): void {
  process.send?.(message);
}
