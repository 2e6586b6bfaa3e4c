import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { transform } from "esbuild";
import { describe, expect, it } from "vitest";

const BIN = join(import.meta.dirname, "../../bin");
const START = pathToFileURL(join(BIN, "start.js")).href;

/** Runs a module in another process. @returns its exit code and standard error */
async function run(code: string): Promise<{ readonly code: unknown; readonly stderr: string }> {
  const args = ["--input-type=module", "--eval", code];
  return await promisify(execFile)(process.execPath, args).then(
    ({ stderr }) => ({ code: 0, stderr }),
    ({ code: exitCode, stderr }) => ({ code: exitCode, stderr }),
  );
}

/** Returns a module that starts a program whose import fails. */
function failWith(message: string, code = ""): string {
  const error = `Object.assign(new Error(${JSON.stringify(message)}), { code: ${JSON.stringify(code)} })`;
  return `import { start } from "${START}"; start("dockless", () => Promise.reject(${error}));`;
}

describe.each(["dockless", "docker-credential-dockless"])("%s", (program) => {
  it.each(["20.20.2", "22.18.0", "12.22.12"])(
    "reports in one line that Node %s is too old",
    async (version) => {
      const url = pathToFileURL(join(BIN, `${program}.js`)).href;
      const { code, stderr } = await run(
        `Object.defineProperty(process, "versions", { value: { node: "${version}" } }); await import("${url}");`,
      );
      expect([code, stderr]).toEqual([
        1,
        expect.stringMatching(`^${program}: Node ${version} is too old: use Node 24 or newer; [^\\n]+\\n$`),
      ]);
    },
  );

  it.each([`${program}.js`, "start.js"])(
    "has an entry point that old versions of Node can parse: %s",
    async (file) => {
      const text = await readFile(join(BIN, file), "utf8");
      const options = { format: "esm" } as const;
      const asIs = await transform(text, { ...options, target: "esnext" });
      expect(await transform(text, { ...options, target: "node13.2" })).toEqual(asIs);
    },
  );
});

describe("an incomplete installation", () => {
  it.each([
    [
      "a package is missing",
      "Cannot find package 'commander' imported from x",
      "ERR_MODULE_NOT_FOUND",
      /run `npm ci`\n$/,
    ],
    [
      "no binary of lmdb exists",
      "No native build was found for platform=x",
      "",
      /native module missing for \w+-\w+: /,
    ],
    ["no binary of another addon exists", "Cannot find addon", "ADDON_NOT_FOUND", /without --ignore-scripts/],
    ["a binary is for another libc", "libc.so: not found", "ERR_DLOPEN_FAILED", /docs\/platforms\.md/],
  ])("is reported in one line when %s", async (_, message, error, line) => {
    const { code, stderr } = await run(failWith(message, error));
    expect([code, stderr]).toEqual([1, expect.stringMatching(line)]);
    expect(stderr).toMatch(/^dockless: [^\n]+\n$/);
  });

  it("does not hide another error", async () => {
    const { code, stderr } = await run(failWith("defect"));
    expect([code, stderr]).toEqual([1, expect.stringMatching(/Error: defect\n +at /)]);
  });
});
