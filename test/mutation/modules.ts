/** A part of the library whose tests are examined. */
export interface Module {
  readonly name: string;
  /** Pattern of the sources that are mutated. */
  readonly sources: string;
  /** Patterns of the test files that may examine it; those that import nothing of it are left out. */
  readonly tests: readonly string[];
  /** Whether the tests need DynamoDB Local and an S3-compatible server. */
  readonly onServers: boolean;
  /** Time that a test may take, in milliseconds. */
  readonly testTimeout: number;
}

/** Long enough for a machine that is busy with other work: a test that is only slow kills no mutant. */
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
