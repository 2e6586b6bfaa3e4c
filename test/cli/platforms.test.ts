import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { formatDockerDesktopHint } from "../../lib/cli/output/docker-desktop.ts";
import { formatStartError } from "../../lib/cli/output/failure.ts";

const ROOT = join(import.meta.dirname, "../..");
const PAGE = readFileSync(join(ROOT, "docs/platforms.md"), "utf8");

/** The platforms of each row of the table, as the dependencies name them. */
const ROWS: Readonly<Record<string, readonly string[]>> = {
  "Linux x64, glibc 2.34 or later": ["linux-x64"],
  "Linux arm64, glibc 2.34 or later": ["linux-arm64"],
  "macOS arm64 and x64": ["darwin-arm64", "darwin-x64"],
  "Windows x64": ["win32-x64"],
  "Windows arm64": ["win32-arm64"],
  "Linux arm (32 bits)": ["linux-arm"],
};

function readPackage(name: string): { readonly version: string; readonly optionalDependencies?: object } {
  return JSON.parse(readFileSync(join(ROOT, "node_modules", name, "package.json"), "utf8"));
}

describe("docs/platforms.md", () => {
  const cells = PAGE.split("\n")
    .filter((line) => line.startsWith("|"))
    .map((line) =>
      line
        .split("|")
        .map((cell) => cell.trim())
        .slice(1, -1),
    );

  it("names the installed versions", () => {
    const versions = ["lmdb", "fs-native-extensions", "node"].map(
      (name) => `${name} ${readPackage(name).version}`,
    );
    expect(cells[0]?.slice(1, 4)).toEqual(versions);
  });

  it.each(Object.entries(ROWS))("has the prebuilt binaries for %s", (label, platforms) => {
    const [, lmdb, extensions] = cells.find(([platform]) => platform === label) ?? expect.fail("row missing");
    const lmdbPackages = Object.keys(readPackage("lmdb").optionalDependencies ?? {});
    const prebuilds = readdirSync(join(ROOT, "node_modules/fs-native-extensions/prebuilds"));
    for (const platform of platforms) {
      expect([lmdb, extensions]).toEqual([
        lmdbPackages.includes(`@lmdb/lmdb-${platform}`) ? "yes" : "no",
        prebuilds.includes(platform) ? "yes" : "no",
      ]);
    }
  });

  it("lists all platforms that have both binaries", () => {
    const prebuilds = readdirSync(join(ROOT, "node_modules/fs-native-extensions/prebuilds"));
    const both = Object.keys(readPackage("lmdb").optionalDependencies ?? {})
      .map((name) => name.replace("@lmdb/lmdb-", ""))
      .filter((platform) => prebuilds.includes(platform));
    expect(Object.values(ROWS).flat()).toEqual(expect.arrayContaining(both));
  });
});

describe("on macOS", () => {
  const error = Object.assign(new Error("listen"), { code: "EADDRINUSE" });
  const options = { port: 5000, host: "127.0.0.1", data: "data" };

  it("a conflict on port 5000 is attributed to AirPlay", () => {
    expect(formatStartError(error, { ...options, platform: "darwin" })).toBe(
      "port 5000 on 127.0.0.1 is in use, on macOS usually by the AirPlay receiver: turn it off, or choose another port with --port",
    );
  });

  it.each([{ platform: "linux" }, { platform: "darwin", port: 8080 }] as const)(
    "a conflict on another port or system is not attributed to AirPlay: %j",
    (changed) => expect(formatStartError(error, { ...options, ...changed })).not.toContain("AirPlay"),
  );

  it("and on Windows, the startup message names the host for Docker Desktop", () => {
    for (const platform of ["darwin", "win32"] as const)
      expect(formatDockerDesktopHint(platform, 5001)).toEqual([
        expect.stringContaining("host.docker.internal:5001"),
      ]);
    expect(formatDockerDesktopHint("linux", 5001)).toEqual([]);
  });
});
