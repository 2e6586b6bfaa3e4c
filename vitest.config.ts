import { configDefaults, defineConfig } from "vitest/config";

/** Suites that need the servers of `npm run test:storage` are run there. */
const ON_SERVERS = ["test/storage/aws*.test.ts", "test/stores/**/*.test.ts"];

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    exclude: [...configDefaults.exclude, ...ON_SERVERS],
    // One less than there are cores, as it would be otherwise, leaves half of a small machine idle.
    maxWorkers: "100%",
    // Modules are loaded once for each worker, not for each file: no test may depend on what a module keeps.
    isolate: false,
    // A guard against hanging, not a measure of speed: no test may fail because the machine is slow.
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
