import type { Properties } from "./properties.ts";

/**
 * "Lambda environment variables": names that a function cannot be given, and bytes of all together.
 * @see https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html
 */
const RESERVED =
  /^(AWS_LAMBDA_.*|_HANDLER|_X_AMZN_TRACE_ID|AWS_(DEFAULT_)?REGION|AWS_EXECUTION_ENV|AWS_ACCESS_KEY(_ID)?|AWS_SECRET_ACCESS_KEY|AWS_SESSION_TOKEN|LAMBDA_TASK_ROOT|LAMBDA_RUNTIME_DIR)$/;
const MAX_BYTES = 4096;

/** @throws Error when Lambda would not take them */
export function variablesOf(
  properties: Properties | undefined,
  name: string,
): Readonly<Record<string, string>> {
  const variables = properties?.record(name) ?? {};
  const reserved = Object.keys(variables).filter((variable) => RESERVED.test(variable));
  if (reserved.length > 0) throw new Error(`${properties?.where}: ${reserved.join(", ")} is reserved`);
  const bytes = Buffer.byteLength(JSON.stringify(variables));
  if (bytes > MAX_BYTES) throw new Error(`${properties?.where}: variables of ${bytes} bytes are too many`);
  return variables;
}
