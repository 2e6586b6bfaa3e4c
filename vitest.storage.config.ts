import { defineConfig } from "vitest/config";

/** The suites that can run on S3 and DynamoDB, run on S3 and DynamoDB: `npm run test:storage`. */
export default defineConfig({
  test: {
    include: ["test/storage/aws*.test.ts", "test/stores/**/*.test.ts", "test/http/**/*.test.ts"],
    globalSetup: "test/stores/vitest-setup.ts",
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
