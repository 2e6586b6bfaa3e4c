import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { App, type StackProps } from "aws-cdk-lib";
import { Template } from "aws-cdk-lib/assertions";
import cdkJson from "../../../cdk.json" with { type: "json" };
import type { RegistryProps } from "../../../lib/cloud/registry-props.ts";
import { RegistryStack } from "../../../lib/cloud/stack.ts";

/** Synthesizes a template without bundling, which takes most of the time and changes only hashes. */
export function synthesized(props: Props | PropsMaker = {}): Template {
  return withStack(props, (stack) => Template.fromStack(stack));
}

export type Props = RegistryProps & StackProps;

/** Function that creates props with constructs. */
export type PropsMaker = (app: App) => Props;

/** Creates a stack like `bin/app.ts`, and passes it to `work`. */
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
