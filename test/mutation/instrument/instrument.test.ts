import { describe, expect, it } from "vitest";
import { instrument } from "./instrument.ts";
import { SWITCH } from "./switch.ts";

/** Lists the mutations of a source text, as "original -> replacement". */
function changesOf(source: string): readonly string[] {
  return instrument(source).mutations.map(({ original, replacement }) => `${original} -> ${replacement}`);
}

/** Runs the body of a function with one mutation active, or none. */
function run(body: string, active: number | undefined, values: Readonly<Record<string, unknown>>): unknown {
  const { code } = instrument(`function f() { ${body} }`);
  const isMutated = (id: number) => id === active;
  const make = new Function(SWITCH, ...Object.keys(values), `${code}; return f();`);
  return make(isMutated, ...Object.values(values));
}

describe("the mutations", () => {
  it.each<[string, readonly string[]]>([
    ["a < b;", ["a < b; -> ", "a < b -> a <= b", "a < b -> a >= b"]],
    ["x = a === b;", ["x = a === b; -> ", "a === b -> a !== b"]],
    ["x = a && b;", ["x = a && b; -> ", "a && b -> a || b"]],
    ["x = a ?? b ?? c;", ["x = a ?? b ?? c; -> ", "a ?? b ?? c -> (a ?? b) && c", "a ?? b -> a && b"]],
    ["x = !a;", ["x = !a; -> ", "!a -> a"]],
    ["x = true;", ["x = true; -> ", "true -> false"]],
    ["x += 2;", ["x += 2; -> ", "x += 2 -> x -= 2"]],
    ["x = a + 1;", ["x = a + 1; -> ", "a + 1 -> a - 1"]],
    ["x = a instanceof B;", ["x = a instanceof B; -> ", "a instanceof B -> !(a instanceof B)"]],
    ["x = a.some(b);", ["x = a.some(b); -> ", "a.some(b) -> a.every(b)"]],
    ["x = a?.b?.[c];", ["x = a?.b?.[c]; -> ", "a?.b?.[c] -> a.b?.[c]", "a?.b?.[c] -> a?.b[c]"]],
    ["const x = a ? 1 : 2;", ["a -> true", "a -> false"]],
    ["if (a) { b(); }", ["a -> true", "a -> false", "b(); -> "]],
    ["while (a) b();", ["a -> false", "b(); -> "]],
    ["throw a;", ["throw a; -> "]],
  ])("of %s are %j", (source, expected) => {
    expect(changesOf(source)).toEqual(expected);
  });

  it.each([
    "const x = 'a' + b + c;",
    "type A = true;",
    "interface A { b: false }",
    "import a from 'a';",
    "'use strict';",
    "const x = a.toString();",
    "class A extends B { constructor() { super(); } }",
  ])("of %s do not exist", (source) => {
    expect(changesOf(source)).toEqual([]);
  });

  it("do not remove the only statement of an `if`, which equals a condition that is changed to false", () => {
    expect(changesOf("if (a) b();")).toEqual(["a -> true", "a -> false"]);
    expect(changesOf("if (a) b(); else c();")).toContain("b(); -> ");
  });

  it("are named by the function that contains them, and by the text of their line", () => {
    const source = "class A {\n  #b = () => {\n    const c = d < 1 ? 1 : 2;\n  };\n}\n";
    const { mutations } = instrument(source);
    expect(mutations[0]).toMatchObject({ scope: "A.#b", line: 3, text: "const c = d < 1 ? 1 : 2;" });
  });
});

describe("instrumented code", () => {
  it.each<[string, Readonly<Record<string, unknown>>, unknown]>([
    ["return a?.b.c(1 + 1)?.d;", { a: undefined }, undefined],
    ["if (a) if (b) return 1; else return 2; return 3;", { a: true, b: false }, 2],
    ["const { a = true, b: { c } = { c: false } } = d; return [a, c];", { d: {} }, [true, false]],
    ["let n = 0; for (const x of a) { if (x > 2) continue; n += x; } return n;", { a: [1, 2, 3] }, 3],
    ["return (() => a ?? (b || c))();", { a: undefined, b: 0, c: 2 }, 2],
    ["switch (a) { case 1 + 1: return 'two'; default: return -a; }", { a: 2 }, "two"],
  ])("behaves like %s while no mutation is active", (body, values, expected) => {
    expect(run(body, undefined, values)).toEqual(expected);
  });

  it("applies only the active mutation", () => {
    const results = [undefined, 0, 1, 2, 3].map((active) =>
      run("return a < b && c;", active, { a: 1, b: 1, c: 5 }),
    );
    const { mutations } = instrument("function f() { return a < b && c; }");
    expect(mutations.map(({ replacement }) => replacement)).toEqual(["a < b || c", "a <= b", "a >= b"]);
    expect(results).toEqual([false, 5, 5, 5, false]);
  });
});
