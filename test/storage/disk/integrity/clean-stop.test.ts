import { cp, open, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { put } from "../../../../lib/ports/record-store.ts";
import { type DiskStorage, openDisk, openDiskRecords } from "../../../../lib/storage/disk/open.ts";
import { noise } from "../../../support/content.ts";
import { newFolder } from "../../../support/folder.ts";

const BYTES = noise(20_000);
const KEY = { partition: "p", sort: "s" };

let folder: Awaited<ReturnType<typeof newFolder>>;
let data: string;
let disk: DiskStorage;

beforeEach(async () => {
  folder = await newFolder();
  data = join(folder.path, "data");
  disk = await openDisk(data);
  await disk.records.write([put(KEY, { bytes: BYTES })]);
});
afterEach(async () => {
  await disk.close();
  await folder.remove();
});

const files = () => readdir(join(data, "records"));

/** Damages the head of the record, which opening the records does not read. */
async function damageRecord(): Promise<void> {
  const path = join(data, "records", "data.mdb");
  const position = (await readFile(path)).lastIndexOf(BYTES.subarray(0, 1000));
  await using file = await open(path, "r+");
  await file.write(new Uint8Array(1000).fill(0x81), 0, 1000, Math.floor(position / 4096) * 4096 + 32);
}

describe("a clean stop", () => {
  it("is recorded only while the record store is closed", async () => {
    expect(await files()).not.toContain("clean-stop");
    await disk.close();
    expect(await files()).toContain("clean-stop");
    disk = await openDisk(data);
    expect(await files()).not.toContain("clean-stop");
  });

  it("is not recorded by a command while a server runs", async () => {
    const { records, close } = await openDiskRecords(data);
    await records.write([put(KEY, { n: 1 })]);
    await close();
    expect(await files()).not.toContain("clean-stop");
  });

  it("is recorded by a command while no server runs", async () => {
    await disk.close();
    const { records, close } = await openDiskRecords(data);
    expect(await files()).not.toContain("clean-stop");
    await records.write([put(KEY, { n: 1 })]);
    await close();
    expect(await files()).toContain("clean-stop");
  });

  it("lets the next start skip the check of all records", async () => {
    await disk.close();
    await damageRecord();
    const { size, ctimeNs } = await stat(join(data, "records", "data.mdb"), { bigint: true });
    await writeFile(join(data, "records", "clean-stop"), `${size} bytes, changed ${ctimeNs}\n`);
    await (await openDisk(data)).close();
    await rm(join(data, "records", "clean-stop"));
    await expect(openDisk(data)).rejects.toThrow("are damaged");
  });
});

it("a record store that was not closed is checked before it is opened", async () => {
  const copy = join(folder.path, "copy");
  await cp(data, copy, { recursive: true });
  const other = await openDisk(copy);
  expect(await other.records.get<{ bytes: Uint8Array }>(KEY)).toMatchObject({ bytes: { length: 20_000 } });
  await other.close();
});
