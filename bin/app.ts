import { App } from "aws-cdk-lib";
import { createStack } from "../lib/cloud/config/create-stack.ts";
import { ConfigError } from "../lib/cloud/config/read-config.ts";

try {
  createStack(new App());
} catch (error) {
  if (!(error instanceof ConfigError)) throw error;
  process.stderr.write(`${error.message}\n`);
  // Exits now: otherwise the app would synthesize its incomplete tree when the process ends.
  process.exit(1);
}
