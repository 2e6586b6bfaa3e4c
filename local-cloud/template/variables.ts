import type { Properties } from "./properties.ts";

/**
 * Reserved names of variables, and the maximum size of all variables: "Lambda environment variables".
 * @see https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html
 */
const RESERVED_NAMES =
  /^(AWS_LAMBDA_.*|_HANDLER|_X_AMZN_TRACE_ID|AWS_(DEFAULT_)?REGION|AWS_EXECUTION_ENV|AWS_ACCESS_KEY(_ID)?|AWS_SECRET_ACCESS_KEY|AWS_SESSION_TOKEN|LAMBDA_TASK_ROOT|LAMBDA_RUNTIME_DIR)$/;
const MAX_BYTES = 4096;

/** Reads environment variables. @throws Error when Lambda would reject them */
export function variablesOf(
  properties: Properties | undefined,
  name: string,
): Readonly<Record<string, string>> {
  const variables = properties?.record(name) ?? {};
  const reserved = Object.keys(variables).filter((variable) => RESERVED_NAMES.test(variable));
  if (reserved.length > 0) throw new Error(`${properties?.where}: ${reserved.join(", ")} is reserved`);
  const bytes = Buffer.byteLength(JSON.stringify(variables));
  if (bytes > MAX_BYTES)
    throw new Error(`${properties?.where}: ${bytes} bytes of variables exceed ${MAX_BYTES}`);
  return variables;
}
