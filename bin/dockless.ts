import { enableCompileCache } from "node:module";
import { join } from "node:path";
import { setFlagsFromString } from "node:v8";

// Received bytes are short-lived objects. A young generation that stays small collects them early, so that memory use
// does not grow with the number of transferred bytes: docs/performance.md#memory
// This must precede all other imports: loading them grows the young generation, which never shrinks.
setFlagsFromString("--semi-space-growth-factor=1");

// Caches compiled code next to the dependencies to speed up every start after the first.
enableCompileCache(join(import.meta.dirname, "../node_modules/.cache/compile"));

const { run } = await import("../lib/cli/cli.ts");
await run();
