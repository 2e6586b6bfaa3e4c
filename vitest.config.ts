import { configDefaults, defineConfig } from "vitest/config";

/** Test files that require the servers of `npm run test:storage`, which runs them. */
const SERVER_TESTS = ["test/storage/aws*.test.ts", "test/stores/**/*.test.ts"];

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    exclude: [...configDefaults.exclude, ...SERVER_TESTS],
    // The default, one less than the number of cores, leaves half of a machine with two cores idle.
    maxWorkers: "100%",
    // Modules are loaded once per worker, not per file: no test may depend on the state of a module.
    isolate: false,
    // A guard against a hanging test, not a measure of speed: no test may fail because the machine is slow.
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
