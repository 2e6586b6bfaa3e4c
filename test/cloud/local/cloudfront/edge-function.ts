import { createContext, Script } from "node:vm";

/** "Quotas on CloudFront Functions": bytes of a function's code. */
const MAX_CODE = 10_240;
/** In milliseconds; the real limit is one of work, and less. */
const TIMEOUT = 1000;

export class EdgeFunctionError extends Error {}

/** What a function asked for with the helpers of the `cloudfront` module, besides what it returned. */
export interface EdgeResult {
  readonly returned: unknown;
  readonly originId: string | undefined;
}

const IMPORT = /^\s*import\s+(\w+)\s+from\s*["']cloudfront["'];?/m;

/** A function as CloudFront runs it: no network, no timers, no code from strings, no state from one request to the next. */
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
    // The first line stays the first.
    const source = `(${name}) => { "use strict"; ${rest}\n; return async (input) => JSON.stringify(await handler(JSON.parse(input))); }`;
    this.#script = new Script(source, { filename: "edge.js" });
    this.#originIds = new Set(originIds);
  }

  /** @throws EdgeFunctionError */
  async run(event: object): Promise<EdgeResult> {
    let originId: string | undefined;
    const cf = Object.freeze({
      selectRequestOriginById: (id: unknown) => {
        if (typeof id !== "string" || !this.#originIds.has(id))
          throw new EdgeFunctionError(`there is no origin ${String(id)}`);
        originId = id;
      },
    });
    try {
      const context = createContext(
        { console: { log: () => undefined } },
        { codeGeneration: { strings: false, wasm: false } },
      );
      const handle: unknown = this.#script.runInContext(context, { timeout: TIMEOUT });
      if (typeof handle !== "function") throw new EdgeFunctionError("there is no handler");
      const json: unknown = await handle(cf)(JSON.stringify(event));
      return { returned: JSON.parse(String(json)), originId };
    } catch (error) {
      throw new EdgeFunctionError(String(error), { cause: error });
    }
  }
}
