import { defineConfig } from "vitest/config";

/** Configuration of `npm run test:storage`, which runs the suites that support S3 and DynamoDB on an emulation of them. */
export default defineConfig({
  test: {
    include: ["test/storage/aws*.test.ts", "test/stores/**/*.test.ts", "test/http/**/*.test.ts"],
    globalSetup: "test/stores/vitest-setup.ts",
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
