import { configDefaults, defineConfig } from "vitest/config";

/** Suites that need the servers of `npm run test:storage` are run there. */
const ON_SERVERS = ["test/storage/aws*.test.ts", "test/stores/**/*.test.ts"];

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    exclude: [...configDefaults.exclude, ...ON_SERVERS],
    testTimeout: 20_000,
    hookTimeout: 20_000,
  },
});
