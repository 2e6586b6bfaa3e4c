import { cp, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import { openDisk } from "../../../../lib/storage/disk/open.ts";
import { type CommandResult, dockless } from "../../../support/command.ts";
import { blob, bodyOf } from "../../../support/content.ts";
import { useFolder } from "../../../support/use-folder.ts";

const folder = useFolder();
let data: string;

beforeEach(() => {
  data = join(folder.path, "data");
});

async function createRegistryWithBlob(algorithm: "sha256" | "sha512" = "sha256"): Promise<void> {
  const disk = await openDisk(data);
  const { digest, bytes } = blob("a layer", algorithm);
  await disk.blobs.put(digest, bodyOf(bytes));
  await disk.close();
}

function expectRefusal({ code, stdout, stderr }: CommandResult, parts: readonly string[]): void {
  expect([code, stdout]).toEqual([1, ""]);
  expect(stderr).toMatch(/^dockless: [^\n]+\n$/);
  for (const part of parts) expect(stderr).toContain(part);
}

describe("a data folder with blobs whose records are lost", () => {
  it.each<[string, () => Promise<void>, "sha256" | "sha512"]>([
    ["empty", () => truncate(join(data, "records", "data.mdb"), 0), "sha256"],
    ["missing", () => rm(join(data, "records", "data.mdb")), "sha512"],
    ["missing with their folder", () => rm(join(data, "records"), { recursive: true }), "sha256"],
  ])("(%s) is rejected by serve and other commands, with a fix", async (_, lose, algorithm) => {
    await createRegistryWithBlob(algorithm);
    await lose();
    const parts = [join(data, "records"), "are missing", "restore", `move ${join(data, "blobs")}`, "away"];
    expectRefusal(await dockless(["serve", "--port", "0", "--data", data]), parts);
    expectRefusal(await dockless(["user", "add", "alice", "--data", data]), parts);
    expectRefusal(await dockless(["init", "--data", data]), parts);
  });

  it("starts as an empty registry after the blobs have been moved away", async () => {
    await createRegistryWithBlob();
    await rm(join(data, "records"), { recursive: true });
    await cp(join(data, "blobs"), join(folder.path, "blobs"), { recursive: true });
    await rm(join(data, "blobs"), { recursive: true });
    await (await openDisk(data)).close();
  });
});

describe("a folder that contains no registry", () => {
  it.each([
    [["user", "add", "alice"]],
    [["robot", "list"]],
    [["access", "grant", "user:alice", "**", "pull"]],
    [["access", "export"]],
    [["access", "replace-keys"]],
  ])("is rejected by %j, with its path in the message, and remains unchanged", async (args) => {
    const parts = [`${data} contains no registry`, "--data", "dockless init"];
    expectRefusal(await dockless([...args, "--data", data]), parts);
    await expect(readFile(data)).rejects.toMatchObject({ code: "ENOENT" });
  });

  it("is what a path of a file counts as", async () => {
    await writeFile(data, "");
    expectRefusal(await dockless(["user", "list", "--data", data]), [`${data} contains no registry`]);
  });

  it("becomes a registry through init, which may be repeated", async () => {
    for (const _ of [1, 2]) {
      const { code, stdout } = await dockless(["init", "--data", data]);
      expect([code, stdout]).toEqual([0, `ready: dockless serve --data ${data}\n`]);
    }
    expect((await dockless(["user", "add", "alice", "--data", data])).code).toBe(0);
  });
});

it("init reports that a data folder is in use", async () => {
  const disk = await openDisk(data);
  expectRefusal(await dockless(["init", "--data", data]), [data, "in use", "--data"]);
  await disk.close();
});

it("init requires a bucket and a table together", async () => {
  const { code, stderr } = await dockless(["init", "--bucket", "images"]);
  expect([code, stderr]).toEqual([2, "dockless: --bucket and --table must be set together\n"]);
});
