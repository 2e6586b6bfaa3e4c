#!/usr/bin/env node
import { enableCompileCache } from "node:module";
import { join } from "node:path";

// Compiled code is kept beside the dependencies, so that every start but the first is quick.
enableCompileCache(join(import.meta.dirname, "../node_modules/.cache/compile"));

const { run } = await import("./cli.ts");
await run();
