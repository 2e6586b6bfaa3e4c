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

const IN_MEMORY = { onServers: false, testTimeout: 20_000 } as const;

export const MODULES: readonly Module[] = [
  {
    name: "registry",
    sources: "lib/{registry,ports}/**/*.ts",
    tests: ["test/registry/**/*.test.ts", "test/http/*.test.ts", "test/http/endpoints/**/*.test.ts"],
    ...IN_MEMORY,
  },
  {
    name: "auth",
    sources: "lib/auth/**/*.ts",
    tests: ["test/auth/**/*.test.ts", "test/http/auth/**/*.test.ts", "test/http/endpoints/token*.test.ts"],
    ...IN_MEMORY,
  },
  {
    name: "storage",
    sources: "lib/{storage,concurrency}/**/*.ts",
    tests: ["test/storage/**/*.test.ts", "test/concurrency/**/*.test.ts"],
    onServers: true,
    testTimeout: 20_000,
  },
];
