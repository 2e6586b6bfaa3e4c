import { describe, expect, it } from "vitest";
import { CredentialsRejectedError } from "../../lib/auth/authenticator.ts";
import { excerptOf, fieldsOf, parseText, parseTexts, toSingleLine } from "../../lib/auth/configuration.ts";
import { TokenRejectedError } from "../../lib/auth/tokens/tokens.ts";

describe("toSingleLine and excerptOf", () => {
  it.each([
    ["a b", "a b"],
    ["a\nb\tc\u00a0d\u2028e\u0000f", "a?b?c?d?e?f"],
    ["x".repeat(120), "x".repeat(120)],
    ["x".repeat(121), `${"x".repeat(119)}…`],
  ])("format the text %j", (text, line) => {
    expect(toSingleLine(text)).toBe(line);
  });

  it.each<[unknown, string]>([
    [{ a: 1 }, '{"a":1}'],
    ["a\nb", '"a\\nb"'],
    [undefined, "undefined"],
    [0, "0"],
    ["", '""'],
  ])("format the value %j", (value, line) => {
    expect(excerptOf(value)).toBe(line);
  });
});

describe("fieldsOf", () => {
  it("returns the fields of an object", () => {
    expect(fieldsOf({ a: 1, b: undefined }, "it", ["a", "b"])).toEqual(
      new Map(Object.entries({ a: 1, b: undefined })),
    );
  });

  it.each<[unknown, string]>([
    [null, "it must be an object"],
    [undefined, "it must be an object"],
    ["text", "it must be an object"],
    [[], "it must be an object"],
    [{ a: 1, c: 2 }, 'unknown field "c" in it: the allowed fields are a, b'],
  ])("rejects %j", (value, message) => {
    expect(() => fieldsOf(value, "it", ["a", "b"])).toThrow(message);
  });
});

describe("parseText and parseTexts", () => {
  it.each(["a", "x".repeat(512)])("accept 1 to 512 characters (%#)", (text) => {
    expect(parseText(text, "it")).toBe(text);
    expect(parseTexts([text, text], "it")).toEqual([text, text]);
  });

  it.each<unknown>(["", "x".repeat(513), "a\nb", "a\u007fb", 1, null, undefined, ["a"]])(
    "reject %j",
    (value) => {
      expect(() => parseText(value, "it")).toThrow("it must be a string of 1 to 512 characters");
      expect(() => parseTexts(["a", value], "it")).toThrow("each item of it must be a string");
    },
  );

  it.each<unknown>([[], "a", { length: 1 }, undefined])("reject %j as a list", (value) => {
    expect(() => parseTexts(value, "it")).toThrow("it must be a list of at least one string");
  });
});

it.each([
  ["CredentialsRejectedError", new CredentialsRejectedError("reason")],
  ["TokenRejectedError", new TokenRejectedError("reason")],
])("%s has its class name as its name", (name, error) => {
  expect(error.name).toBe(name);
});
