import { chmod, mkdir, readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import { hasRecords } from "../../../lib/storage/disk/integrity/presence.ts";
import { openDisk, openDiskRecords } from "../../../lib/storage/disk/open.ts";
import { digestOf } from "../../support/content.ts";
import { useFolder } from "../../support/use-folder.ts";

const folder = useFolder();
let warnings: string[];
const warn = (message: string) => warnings.push(message);

beforeEach(() => {
  warnings = [];
});

/** Returns the entries below the folder that other users of the machine can access. */
async function accessibleToOthers(): Promise<readonly string[]> {
  const entries = await readdir(folder.path, { recursive: true });
  const modes = await Promise.all(
    entries.map(async (entry) => ({ entry, mode: (await stat(join(folder.path, entry))).mode })),
  );
  return modes.filter(({ mode }) => (mode & 0o077) !== 0).map(({ entry }) => entry);
}

async function useDisk(): Promise<void> {
  const disk = await openDisk(folder.path, warn);
  const bytes = Buffer.from("a blob");
  await disk.blobs.put(
    digestOf(bytes),
    (async function* () {
      yield bytes;
    })(),
  );
  await disk.close();
}

async function useRecords(): Promise<void> {
  if (!(await hasRecords(folder.path))) await (await openDisk(folder.path, warn)).close();
  await (await openDiskRecords(folder.path, warn)).close();
}

describe.each([
  ["a server", useDisk],
  ["a command", useRecords],
])("the data folder of %s", (_, use) => {
  it("has no entry that others can access, even if it existed before", async () => {
    await chmod(folder.path, 0o755);
    await use();
    expect(await readdir(join(folder.path, "records"))).toContain("data.mdb");
    expect(await accessibleToOthers()).toEqual([]);
    expect(warnings).toEqual([]);
  });

  it("is corrected with a warning when others could access its entries", async () => {
    await useDisk();
    await chmod(join(folder.path, "records"), 0o755);
    await chmod(join(folder.path, "records/data.mdb"), 0o644);
    await use();
    expect(await accessibleToOthers()).toEqual([]);
    expect(warnings).toEqual([
      expect.stringContaining("records was accessible to other users"),
      expect.stringContaining("data.mdb was accessible to other users"),
    ]);
  });

  it("is corrected when its folders were created by another program", async () => {
    await mkdir(join(folder.path, "records"), { mode: 0o777 });
    await chmod(join(folder.path, "records"), 0o777);
    await use();
    expect(await accessibleToOthers()).toEqual([]);
    expect(warnings).toHaveLength(1);
  });
});
