/** A part of the library whose tests are evaluated. */
export interface Module {
  readonly name: string;
  /** Pattern of the sources that are mutated. */
  readonly sources: string;
  /** Patterns of test files. Files that do not import the module are left out. */
  readonly tests: readonly string[];
  /** Whether the tests require DynamoDB Local and an S3-compatible server. */
  readonly onServers: boolean;
  /** Time limit of a test in milliseconds. */
  readonly testTimeout: number;
}

/** Time limit of a test, long enough for a busy machine: a slow test must not count as a killed mutant. */
const TEST_TIMEOUT_MILLISECONDS = 60_000;

const IN_MEMORY = { onServers: false, testTimeout: TEST_TIMEOUT_MILLISECONDS } as const;

/** All modules. */
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
