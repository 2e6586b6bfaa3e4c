import { App } from "aws-cdk-lib";
import { createStack } from "../lib/cloud/config/create-stack.ts";
import { ConfigError } from "../lib/cloud/config/read-config.ts";

try {
  createStack(new App());
} catch (error) {
  if (!(error instanceof ConfigError)) throw error;
  process.stderr.write(`${error.message}\n`);
  // At once: the app would synthesize what there is of it at the end of the process.
  process.exit(1);
}
