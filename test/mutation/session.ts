import { join } from "node:path";
import {
  BaseSequencer,
  createVitest,
  type TestModule,
  type TestSpecification,
  type Vitest,
} from "vitest/node";
import { instrument } from "./instrument/instrument.ts";
import { type Recorded, SWITCH_MODE, type SwitchMode } from "./instrument/switch.ts";
import type { Module } from "./modules.ts";
import { ROOT, type SourceFile } from "./mutants.ts";

/** Mutants that a test reaches in a run without a mutation. */
interface TestCoverage extends Recorded {
  readonly id: string;
  readonly name: string;
  readonly hasPassed: boolean;
  readonly milliseconds: number;
}

/** Coverage of a test file. */
export interface FileCoverage {
  /** Path below the root of the project. */
  readonly file: string;
  readonly tests: readonly TestCoverage[];
}

/** First failure that a mutant causes. */
export interface Failure {
  /** File and name of the test; empty for an error outside of tests. */
  readonly test: string;
  /** First line of the error's message. */
  readonly message: string;
}

/** Selected tests of one file. */
export interface Selection {
  readonly file: string;
  readonly testIds: readonly string[];
}

/** Sequencer that keeps the order of the plan, in which the fastest tests are first. */
class GivenOrder extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    return files;
  }
}

/** A long-lived instance of Vitest, with all mutants of a module in the code and one of them active in each run. */
export class Session {
  readonly #vitest: Vitest;

  private constructor(vitest: Vitest) {
    this.#vitest = vitest;
  }

  /**
   * Starts Vitest.
   *
   * @param isolate whether modules are loaded again for each test file, so that code that runs while they load is covered
   */
  static async open(module: Module, files: readonly SourceFile[], isolate: boolean): Promise<Session> {
    const { tests, testTimeout } = module;
    const vitest = await createVitest(
      "test",
      {
        config: false,
        root: ROOT,
        watch: false,
        include: [...tests],
        pool: "threads",
        maxWorkers: 1,
        isolate,
        // The cache would contain code with the ids of other mutants.
        fsModuleCache: false,
        bail: isolate ? 0 : 1,
        testTimeout,
        hookTimeout: testTimeout,
        setupFiles: [join(import.meta.dirname, "vitest-setup.ts")],
        sequence: { sequencer: GivenOrder },
        reporters: [{}],
        onConsoleLog: () => false,
      },
      { plugins: [plugin(files)] },
    );
    return new Session(vitest);
  }

  /** Runs all tests of a file without a mutation. */
  async cover(file: string): Promise<FileCoverage> {
    const { modules } = await this.#run([{ file }], {});
    return { file, tests: modules.flatMap(coverageOf) };
  }

  /** Lists the test files that import a source file, directly or not. */
  async listTests(files: readonly SourceFile[]): Promise<readonly string[]> {
    this.#vitest.config.related = files.map(({ path }) => join(ROOT, path));
    const specifications = await this.#vitest.getRelevantTestSpecifications();
    return specifications.map(({ moduleId }) => moduleId.slice(ROOT.length + 1)).sort();
  }

  /** Runs tests with one mutant. @returns the first failure; undefined when all pass */
  async run(active: number, selections: readonly Selection[]): Promise<Failure | undefined> {
    const { modules, errors } = await this.#run(selections, { active });
    const [failure] = modules.flatMap(failuresOf);
    if (failure !== undefined) return failure;
    return errors.length > 0 ? { test: "", message: messageOf(errors[0]) } : undefined;
  }

  /** Stops Vitest. */
  async close(): Promise<void> {
    await this.#vitest.close();
  }

  async #run(selections: readonly (Partial<Selection> & { file: string })[], mode: SwitchMode) {
    const project = this.#vitest.getRootProject();
    project.provide(SWITCH_MODE, mode);
    this.#vitest.state.filesMap.clear();
    const specifications = selections.map(({ file, testIds }) => {
      return project.createSpecification(
        join(ROOT, file),
        testIds === undefined ? {} : { testIds: [...testIds] },
      );
    });
    const result = await this.#vitest.runTestSpecifications(specifications, false);
    return { modules: result.testModules, errors: result.unhandledErrors };
  }
}

/** Instruments the sources before their types are removed. */
function plugin(files: readonly SourceFile[]) {
  const byPath = new Map(files.map((file) => [join(ROOT, file.path), file]));
  return {
    name: "dockless-mutation",
    enforce: "pre",
    transform(_text: string, id: string) {
      const file = byPath.get(id);
      return file === undefined ? undefined : { code: instrument(file.text, file.firstId).code, map: null };
    },
  } as const;
}

function coverageOf(module: TestModule): readonly TestCoverage[] {
  return [...module.children.allTests()]
    .filter((test) => test.result().state !== "skipped")
    .map((test) => {
      const { recorded } = test.meta() as { recorded?: Recorded };
      return {
        id: test.id,
        name: test.fullName,
        hasPassed: test.result().state === "passed",
        milliseconds: Math.ceil(test.diagnostic()?.duration ?? 0),
        inside: recorded?.inside ?? [],
        outside: recorded?.outside ?? [],
      };
    });
}

function failuresOf(module: TestModule): readonly Failure[] {
  const file = module.relativeModuleId;
  const failed = [...module.children.allTests()].flatMap((test) => {
    const result = test.result();
    if (result.state !== "failed") return [];
    return [{ test: `${file} > ${test.fullName}`, message: messageOf(result.errors[0]) }];
  });
  if (failed.length > 0 || module.state() === "passed") return failed;
  // A failure ends the run, sometimes before the failure itself is reported.
  const errors = [...module.errors(), ...[...module.children.allSuites()].flatMap((suite) => suite.errors())];
  return [{ test: file, message: messageOf(errors[0] ?? `the file is ${module.state()}`) }];
}

function messageOf(error: unknown): string {
  const { message } = Object(error) as { message?: unknown };
  return (
    String(message ?? error)
      .split("\n")[0]
      ?.slice(0, 200) ?? ""
  );
}
