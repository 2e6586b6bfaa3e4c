import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createLocation } from "../../local-cloud/support/aws-location.ts";
import { dockless } from "../support/command.ts";
import { newFolder } from "../support/folder.ts";

let folder: Awaited<ReturnType<typeof newFolder>>;
let location: readonly string[];
beforeAll(async () => {
  folder = await newFolder();
  const { table, endpoints } = await createLocation();
  location = ["--table", table, "--endpoint-dynamodb", endpoints.dynamoUrl];
});
afterAll(() => folder.remove());

async function apply(file: object, ...args: readonly string[]): Promise<unknown> {
  const path = join(folder.path, "access.json");
  await writeFile(path, JSON.stringify(file));
  const { stdout, stderr } = await dockless(["access", "apply", path, "--json", ...args, ...location]);
  expect(stderr).toMatch(/^(every request now requires an account or a grant to anonymous\n)?$/);
  return JSON.parse(stdout);
}

describe("accounts in DynamoDB", () => {
  it("and grants are replaced by those of a file, in several transactions, and applying it again changes nothing", async () => {
    const file = {
      users: [{ name: "alice", groups: ["devs"] }],
      robots: [{ name: "ci", groups: [] }],
      issuers: [{ url: "https://gitlab.com", audiences: ["registry.example.com"] }],
      oidcRules: [{ name: "acme", issuer: "https://gitlab.com", claims: { project_path: "acme/**" } }],
      awsRules: [{ name: "production", accounts: ["123456789012"] }],
      grants: Array.from({ length: 120 }, (_, number) => ({
        ...{ subject: "group:devs", pattern: `acme/app${1000 + number}`, actions: ["pull"] },
      })),
    };
    expect(await apply(file, "--create")).toMatchObject({
      secrets: [{ name: "user:alice" }, { name: "robot:ci" }],
    });
    expect(JSON.parse((await dockless(["access", "export", ...location])).stdout)).toEqual(file);
    expect(await apply(file, "--create")).toEqual({ steps: [], secrets: [] });
    await dockless(["robot", "add", "other", ...location]);
    expect(await apply({}, "--prune-accounts")).toMatchObject({ steps: { length: 126 } });
    const none = { users: [], robots: [], issuers: [], oidcRules: [], awsRules: [], grants: [] };
    expect(JSON.parse((await dockless(["access", "export", ...location])).stdout)).toEqual(none);
  });

  it("cannot be created without a table, which is reported in one line", async () => {
    const elsewhere = [...location, "--table", "none-such"];
    for (const args of [
      ["user", "add", "alice"],
      ["access", "export"],
    ]) {
      const { code, stdout, stderr } = await dockless([...args, ...elsewhere]);
      expect([code, stdout]).toEqual([1, ""]);
      expect(stderr).toMatch(/^dockless: .*none-such[^\n]*\n$/);
    }
  });
});
