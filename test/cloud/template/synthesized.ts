import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { App, type StackProps } from "aws-cdk-lib";
import { Template } from "aws-cdk-lib/assertions";
import cdkJson from "../../../cdk.json" with { type: "json" };
import type { RegistryProps } from "../../../lib/cloud/registry.ts";
import { RegistryStack } from "../../../lib/cloud/stack.ts";

/** What CloudFormation gets; made without bundling, which takes longest and changes nothing but hashes. */
export function synthesized(props: Props | PropsMaker = {}): Template {
  return withStack(props, (stack) => Template.fromStack(stack));
}

export type Props = RegistryProps & StackProps;

/** For props that need constructs of their own. */
export type PropsMaker = (app: App) => Props;

/** A stack as `bin/app.ts` would make it, for as long as `work` looks at it. */
export function withStack<T>(props: Props | PropsMaker, work: (stack: RegistryStack, app: App) => T): T {
  const outdir = mkdtempSync(join(tmpdir(), "dockless-template-"));
  try {
    const app = new App({ outdir, context: { ...cdkJson.context, "aws:cdk:bundling-stacks": [] } });
    const stack = new RegistryStack(app, "Dockless", typeof props === "function" ? props(app) : props);
    return work(stack, app);
  } finally {
    rmSync(outdir, { recursive: true, force: true });
  }
}
