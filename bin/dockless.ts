#!/usr/bin/env node
import { enableCompileCache } from "node:module";
import { join } from "node:path";
import { setFlagsFromString } from "node:v8";

// Received bytes are short-lived objects. In a young generation that stays small they are collected soon, so that the
// process's memory does not grow with what passes through it: docs/performance.md#memory
// First of all, since loading what follows would make it grow, and it does not shrink again.
setFlagsFromString("--semi-space-growth-factor=1");

// Compiled code is kept beside the dependencies, so that every start but the first is quick.
enableCompileCache(join(import.meta.dirname, "../node_modules/.cache/compile"));

const { run } = await import("../lib/cli/cli.ts");
await run();
