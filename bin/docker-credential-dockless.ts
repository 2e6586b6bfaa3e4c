import { enableCompileCache } from "node:module";
import { join } from "node:path";

// Clients start this program for every pull: cache compiled code next to the dependencies.
enableCompileCache(join(import.meta.dirname, "../node_modules/.cache/compile"));

const { runCredentialHelper } = await import("../lib/cli/credentials/credential-helper.ts");
await runCredentialHelper(process.argv.slice(2));
