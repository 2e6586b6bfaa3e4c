import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { UPLOAD_RETRIES } from "./suite/cases/cut-uploads.ts";

const page = readFileSync(join(import.meta.dirname, "../../docs/limits.md"), "utf8");
const [, table = ""] = page.split("\n| client | pushes that succeeded although an upload was interrupted |");

it("the page documents which clients push a layer again after its upload was interrupted", () => {
  const rows = [...(table.split("\n\n")[0] ?? "").matchAll(/^\| (\w+) [\d.]+ \| (\d) of 5\b/gm)];
  const documented = Object.fromEntries(rows.map(([, name, succeeded]) => [name, succeeded === "5"]));
  expect(documented).toEqual(UPLOAD_RETRIES);
});
