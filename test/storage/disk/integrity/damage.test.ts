import { cp, open, readFile, rm, stat, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { put } from "../../../../lib/ports/record-store.ts";
import { RecordsDamagedError, verifyRecords } from "../../../../lib/storage/disk/integrity/verify-records.ts";
import { openDisk } from "../../../../lib/storage/disk/open.ts";
import { dockless } from "../../../support/command.ts";
import { noise } from "../../../support/content.ts";
import { newFolder } from "../../../support/folder.ts";

const PAGE_BYTES = 4096;
const RECORDS = 300;

/** A way in which the file of the records is damaged. */
type Damage = (file: string) => Promise<void>;

async function overwrite(file: string, position: number, bytes: Uint8Array): Promise<void> {
  await using handle = await open(file, "r+");
  await handle.write(bytes, 0, bytes.length, position);
}

const zeroPage = (page: number) => (file: string) =>
  overwrite(file, page * PAGE_BYTES, new Uint8Array(PAGE_BYTES));

const randomRest: Damage = async (file) =>
  await overwrite(file, 2 * PAGE_BYTES, noise((await stat(file)).size - 2 * PAGE_BYTES));

const DAMAGES: readonly (readonly [string, Damage])[] = [
  ["is truncated to half its size", async (file) => truncate(file, Math.floor((await stat(file)).size / 2))],
  ["is truncated to one page", (file) => truncate(file, PAGE_BYTES)],
  ["is truncated to a few bytes", (file) => truncate(file, 10)],
  ["begins with zeros", zeroPage(0)],
  ["begins with random bytes", (file) => overwrite(file, 0, noise(PAGE_BYTES))],
  ["begins with a wrong magic number", (file) => overwrite(file, 16, new Uint8Array([1, 2, 3, 4]))],
  ["consists of zeros", (file) => writeFile(file, new Uint8Array(100 * PAGE_BYTES))],
  ["consists of random bytes", (file) => writeFile(file, noise(100 * PAGE_BYTES))],
  ["is text", (file) => writeFile(file, "not records")],
  ["has random bytes in all data pages", randomRest],
];

let template: Awaited<ReturnType<typeof newFolder>>;
let folder: Awaited<ReturnType<typeof newFolder>>;
let data: string;
let file: string;

beforeAll(async () => {
  template = await newFolder();
  const disk = await openDisk(template.path);
  for (let n = 0; n < RECORDS; n += 100)
    await disk.records.write(Array.from({ length: 100 }, (_, i) => record(n + i)));
  await disk.close();
});
afterAll(() => template.remove());

function record(n: number) {
  const expiresAt = n % 10 === 0 ? { expiresAt: 2_000_000_000 } : {};
  return put({ partition: `repo#${n % 7}`, sort: `tag#${n}` }, { body: noise(2000, n), ...expiresAt });
}

beforeEach(async () => {
  folder = await newFolder();
  data = join(folder.path, "data");
  await cp(template.path, data, { recursive: true });
  file = join(data, "records", "data.mdb");
});
afterEach(() => folder.remove());

it.each(DAMAGES)(
  "a registry whose record file %s fails to open, with a one-line error",
  async (_, damage) => {
    await damage(file);
    const error = await openDisk(data).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(RecordsDamagedError);
    expect(String(error)).toMatch(
      /^RecordsDamagedError: the records in [^\n]+ are damaged \([^\n]+\): restore [^\n]+$/,
    );
  },
);

it("a command reports damaged records in one line with the fix, and exits with status 1", async () => {
  await zeroPage(0)(file);
  const { code, stdout, stderr } = await dockless(["serve", "--port", "0", "--data", data]);
  expect([code, stdout]).toEqual([1, ""]);
  const [records, blobs] = [join(data, "records"), join(data, "blobs")];
  expect(stderr.replace(/SIG\w+/, "SIG")).toBe(
    `dockless: the records in ${records} are damaged (the reading process was terminated by SIG): restore ${records} from a backup; the blobs are in ${blobs}\n`,
  );
});

it("a damaged record is reported without its content", async () => {
  const bytes = await readFile(file);
  const position = bytes.indexOf(noise(2000, 8).subarray(0, 500));
  await overwrite(
    file,
    Math.floor(position / PAGE_BYTES) * PAGE_BYTES,
    new Uint8Array(PAGE_BYTES).fill(0x81),
  );
  await expect(verifyRecords(data)).rejects.toThrow(
    /\((a record cannot be decoded|the reading process [^)]*)\)/,
  );
});

describe("damage is found", () => {
  it.each<[string, () => Promise<void>]>([
    ["after a restart without a clean stop", () => rm(join(data, "records", "clean-stop"))],
    ["when the file has changed since the clean stop", () => overwrite(file, 0, new Uint8Array())],
  ])("%s", async (_, prepare) => {
    await prepare();
    await zeroPage(0)(file);
    await expect(openDisk(data)).rejects.toThrow(`the records in ${join(data, "records")} are damaged`);
  });
});

it.each<[string, Damage]>([
  ["is missing", (path) => rm(path)],
  ["is empty", (path) => truncate(path, 0)],
  ["is truncated", (path) => truncate(path, 10)],
  ["consists of zeros", (path) => writeFile(path, new Uint8Array(8192))],
  ["consists of random bytes", (path) => writeFile(path, noise(8192))],
])("a registry starts when LMDB's lock file %s", async (_, damage) => {
  await damage(join(data, "records", "lock.mdb"));
  const disk = await openDisk(data);
  expect(await disk.records.query({ partition: "repo#1", sort: "" }, { limit: 1000 })).toHaveLength(43);
  await disk.close();
});
