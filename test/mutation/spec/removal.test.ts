import { describe, expect, it } from "vitest";
import { removeBelow } from "./removal.ts";

describe("the code below a comment", () => {
  it.each<[string, string, string]>([
    ["a statement", "f();\n//\ng();\nh();\n", "f();\n//\n\nh();\n"],
    ["a statement of several lines", "//\nif (a) {\n  b();\n}\nc();\n", "//\n\nc();\n"],
    ["a return", "function f() {\n  //\n  return 1;\n}\n", "function f() {\n  //\n  \n}\n"],
    ["a constant that is exported", "//\nexport const a = 1;\nb();\n", "//\n\nb();\n"],
    ["a property", "f({\n  //\n  a: 1,\n  b: 2,\n});\n", "f({\n  //\n  \n  b: 2,\n});\n"],
    ["the last property", "f({\n  a: 1,\n  //\n  b,\n});\n", "f({\n  a: 1,\n  //\n  \n});\n"],
    ["a spread", "f({\n  //\n  ...(a ? {} : { b }),\n});\n", "f({\n  //\n  \n});\n"],
    [
      "a property with types below",
      "const a: A = {\n  //\n  b: c as D,\n};\n",
      "const a: A = {\n  //\n  \n};\n",
    ],
  ])("is removed when it is %s", (_, text, expected) => {
    expect(removeBelow(text, text.indexOf("//") + 3)).toBe(expected);
  });

  it("is rejected when it is a part of an expression", () => {
    expect(() => removeBelow("const a =\n  //\n  b + c;\n", 15)).toThrow("not removable");
  });

  it("is rejected when it is empty", () => {
    expect(() => removeBelow("f();\n//\n", 8)).toThrow("nothing begins");
  });
});
