/** A part of the library whose tests are measured by mutation. */
export interface Module {
  readonly name: string;
  /** Pattern of the sources that are mutated. */
  readonly sources: string;
  /** Patterns of the test files that may cover it; files that import nothing of it are skipped. */
  readonly tests: readonly string[];
  /** Whether the tests need DynamoDB Local and an S3-compatible server. */
  readonly onServers: boolean;
  /** Time limit of a test, in milliseconds. */
  readonly testTimeout: number;
}

/** Long enough for a machine with other load: a slow test alone must not count as a killed mutant. */
const TEST_TIMEOUT_MILLISECONDS = 60_000;

const IN_MEMORY = { onServers: false, testTimeout: TEST_TIMEOUT_MILLISECONDS } as const;

export const MODULES: readonly Module[] = [
  {
    name: "registry",
    sources: "lib/{registry,ports}/**/*.ts",
    tests: ["test/{registry,ports}/**/*.test.ts"],
    ...IN_MEMORY,
  },
  {
    name: "auth",
    sources: "lib/auth/**/*.ts",
    tests: ["test/auth/**/*.test.ts", "test/http/auth/{access,foreign,token-cost}.test.ts"],
    ...IN_MEMORY,
  },
  {
    name: "storage",
    sources: "lib/{storage,concurrency}/**/*.ts",
    tests: ["test/storage/**/*.test.ts", "test/concurrency/**/*.test.ts"],
    onServers: true,
    testTimeout: TEST_TIMEOUT_MILLISECONDS,
  },
];
