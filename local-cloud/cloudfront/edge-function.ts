import { createContext, Script } from "node:vm";

/**
 * Maximum code size in bytes: "Quotas on CloudFront Functions".
 * @see https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/cloudfront-limits.html
 */
const MAX_CODE_BYTES = 10_240;
/**
 * Time limit in milliseconds, which only guards against endless loops. CloudFront limits compute utilization instead, for which
 * wall-clock time on a busy machine is a poor measure, so the limit is generous.
 */
const LOOP_GUARD_MILLISECONDS = 10_000;

/** The function threw an error, timed out or returned no value. */
export class EdgeFunctionError extends Error {}

/**
 * Result of a run: the returned value, and the origin selected with the `cloudfront` module.
 * @see https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/helper-functions-origin-modification.html
 */
export interface EdgeResult {
  readonly returned: unknown;
  readonly originId: string | undefined;
}

/** Makes the function's promises settle before `runInContext` returns, within the same time limit. */
const CONTEXT_OPTIONS = {
  codeGeneration: { strings: false, wasm: false },
  microtaskMode: "afterEvaluate",
} as const;

const CLOUDFRONT_IMPORT = /^\s*import\s+(\w+)\s+from\s*["']cloudfront["'];?/m;

/**
 * Function in a sandbox like CloudFront's: no network, timers or code generation from strings, and no state between requests.
 * @see https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/functions-javascript-runtime-20.html
 */
export class EdgeFunction {
  readonly #script: Script;
  readonly #originIds: ReadonlySet<string>;
  readonly #timeout: number;

  /**
   * @param timeout time limit of a run in milliseconds
   * @throws Error when CloudFront would reject the code
   */
  constructor(code: string, originIds: readonly string[], timeout = LOOP_GUARD_MILLISECONDS) {
    const size = Buffer.byteLength(code);
    if (size > MAX_CODE_BYTES) throw new Error(`function too large: ${size} bytes exceed ${MAX_CODE_BYTES}`);
    const [whole = "", name = "unused"] = CLOUDFRONT_IMPORT.exec(code) ?? [];
    const rest = code.replace(whole, "");
    if (/^\s*(import|export)\b/m.test(rest))
      throw new Error("unsupported import or export: a function may import only cloudfront");
    const call = "{ out.json = JSON.stringify(await handler(JSON.parse(input))); }";
    const source = `((${name}) => { "use strict"; ${rest}\n; (async () => ${call})().catch((error) => { out.error = String(error); }); })(cf)`;
    this.#script = new Script(source, { filename: "edge.js" });
    this.#originIds = new Set(originIds);
    this.#timeout = timeout;
  }

  /** Runs the function on an event. @throws EdgeFunctionError */
  run(event: object): EdgeResult {
    let originId: string | undefined;
    const cf = Object.freeze({
      selectRequestOriginById: (id: unknown) => {
        if (typeof id !== "string" || !this.#originIds.has(id)) throw new Error(`origin not found: ${id}`);
        originId = id;
      },
    });
    const out: { json?: string; error?: string } = {};
    const console = { log: () => undefined };
    const context = createContext(
      { cf, console, Buffer, out, input: JSON.stringify(event) },
      CONTEXT_OPTIONS,
    );
    try {
      this.#script.runInContext(context, { timeout: this.#timeout });
    } catch (error) {
      throw new EdgeFunctionError(String(error), { cause: error });
    }
    if (out.json === undefined) throw new EdgeFunctionError(out.error ?? "the function did not return");
    return { returned: JSON.parse(out.json), originId };
  }
}
