import { describe, expect, it } from "vitest";
import { encodePlatforms, parsePlatform } from "../../lib/oci/platform.ts";

describe("a platform", () => {
  it.each<[unknown, string | undefined]>([
    [{ os: "linux", architecture: "amd64" }, "linux/amd64"],
    [{ os: "linux", architecture: "arm", variant: "v7" }, "linux/arm/v7"],
    [{ os: "linux", architecture: "arm64", variant: "" }, "linux/arm64"],
    [{ os: "windows", architecture: "amd64", "os.version": "10.0" }, "windows/amd64"],
    [{ os: "linux" }, undefined],
    [{ architecture: "amd64" }, undefined],
    [{ os: "", architecture: "amd64" }, undefined],
    [{ os: 1, architecture: "amd64" }, undefined],
    [{ os: "linux", architecture: "arm", variant: 7 }, undefined],
    [null, undefined],
    ["linux/amd64", undefined],
    [undefined, undefined],
  ])("of %j is %j", (value, expected) => {
    expect(parsePlatform(value)).toBe(expected);
  });
});

describe("the codes of platforms", () => {
  it.each<[readonly string[], readonly number[]]>([
    [[], []],
    [["linux/amd64"], [1]],
    [["linux/arm64/v8", "linux/arm64"], [2]],
    [["linux/arm", "linux/arm/v7"], [3]],
    [
      ["wasi/wasm", "linux/s390x", "linux/amd64"],
      [1, 8, 19],
    ],
    [
      ["plan9/386", "linux/amd64", "aix/ppc64"],
      [0, 1],
    ],
    [["unknown/unknown", "linux/amd64"], [1]],
    [["constructor", "__proto__"], [0]],
  ])("of %j are %j", (platforms, codes) => {
    expect([...encodePlatforms(platforms)]).toEqual(codes);
  });
});
