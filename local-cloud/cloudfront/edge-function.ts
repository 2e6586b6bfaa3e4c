import { createContext, Script } from "node:vm";

/**
 * "Quotas on CloudFront Functions": bytes of a function's code.
 * @see https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/cloudfront-limits.html
 */
const MAX_CODE = 10_240;
/** In milliseconds; the real limit is one of work, and less. */
const TIMEOUT = 1000;

export class EdgeFunctionError extends Error {}

/**
 * What a function asked for with the helpers of the `cloudfront` module, besides what it returned.
 * @see https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/helper-functions-origin-modification.html
 */
export interface EdgeResult {
  readonly returned: unknown;
  readonly originId: string | undefined;
}

/** What the function waits for is done before it returns to here, within the same time. */
const ISOLATED = {
  codeGeneration: { strings: false, wasm: false },
  microtaskMode: "afterEvaluate",
} as const;

const IMPORT = /^\s*import\s+(\w+)\s+from\s*["']cloudfront["'];?/m;

/**
 * A function as CloudFront runs it: no network, no timers, no code from strings, no state from one request to the next.
 * @see https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/functions-javascript-runtime-20.html
 */
export class EdgeFunction {
  readonly #script: Script;
  readonly #originIds: ReadonlySet<string>;

  /** @throws Error when CloudFront would not take the code */
  constructor(code: string, originIds: readonly string[]) {
    const size = Buffer.byteLength(code);
    if (size > MAX_CODE) throw new Error(`the function has ${size} bytes, more than ${MAX_CODE}`);
    const [whole = "", name = "unused"] = IMPORT.exec(code) ?? [];
    const rest = code.replace(whole, "");
    if (/^\s*(import|export)\b/m.test(rest))
      throw new Error("a function may import nothing but cloudfront, and exports nothing");
    const call = "{ out.json = JSON.stringify(await handler(JSON.parse(input))); }";
    const source = `((${name}) => { "use strict"; ${rest}\n; (async () => ${call})().catch((error) => { out.error = String(error); }); })(cf)`;
    this.#script = new Script(source, { filename: "edge.js" });
    this.#originIds = new Set(originIds);
  }

  /** @throws EdgeFunctionError */
  run(event: object): EdgeResult {
    let originId: string | undefined;
    const cf = Object.freeze({
      selectRequestOriginById: (id: unknown) => {
        if (typeof id !== "string" || !this.#originIds.has(id)) throw new Error(`there is no origin ${id}`);
        originId = id;
      },
    });
    const out: { json?: string; error?: string } = {};
    const console = { log: () => undefined };
    const context = createContext({ cf, console, Buffer, out, input: JSON.stringify(event) }, ISOLATED);
    try {
      this.#script.runInContext(context, { timeout: TIMEOUT });
    } catch (error) {
      throw new EdgeFunctionError(String(error), { cause: error });
    }
    if (out.json === undefined) throw new EdgeFunctionError(out.error ?? "the function did not return");
    return { returned: JSON.parse(out.json), originId };
  }
}
