import { randomUUID } from "node:crypto";
import { mkdtemp, readdir, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { createApp } from "../../lib/http/app.ts";
import { createNodeServer } from "../../lib/http/server/node.ts";
import type { BlobStore } from "../../lib/ports/blob-store.ts";
import {
  type Change,
  type Key,
  keyOf,
  type QueryOptions,
  type RecordStore,
} from "../../lib/ports/record-store.ts";
import type { UploadStore } from "../../lib/ports/upload-store.ts";
import { openDisk } from "../../lib/storage/disk/open.ts";
import { MemoryBlobs } from "../../lib/storage/memory/blobs.ts";
import { MemoryRecords } from "../../lib/storage/memory/records.ts";
import { awsEndpoints } from "../../local-cloud/support/aws-endpoints.ts";
import { listen } from "../../local-cloud/support/listen.ts";

/** Running registry under test. */
export interface RunningRegistry {
  /** URL, for example `http://127.0.0.1:41234`. */
  readonly url: string;
  /** Internal errors that the registry reported. */
  readonly defects: readonly unknown[];
  /** Lists all stored records, files and objects, one sorted line each. */
  listStored(): Promise<readonly string[]>;
  stop(): Promise<void>;
}

/** Storage backend of a registry. The HTTP test suites run on each. */
export interface Backend {
  readonly name: string;
  /** Whether the registry is remote, so that its storage and internal errors are not accessible. */
  readonly isRemote: boolean;
  start(): Promise<RunningRegistry>;
}

interface Storage {
  readonly records: RecordStore;
  readonly blobs: BlobStore;
  readonly uploads: UploadStore;
  /** Lists files or objects, one line each. */
  files(): Promise<readonly string[]>;
  close(): Promise<void>;
}

const REMOTE = process.env["DOCKLESS_TEST_URL"];

/**
 * Backends on this machine; or the two on S3 and DynamoDB, when their servers run (`npm run test:storage`); or
 * the registry at `DOCKLESS_TEST_URL`, when it is set.
 */
export const BACKENDS: readonly Backend[] = selectBackends();

function selectBackends(): readonly Backend[] {
  if (REMOTE !== undefined) return [remote(REMOTE)];
  if (awsEndpoints() === undefined) return [local("memory", openMemory), local("disk", openTemporaryDisk)];
  return [
    local("S3 and DynamoDB, redirecting", () => openNewLocation({ redirect: true })),
    local("S3 and DynamoDB, streaming", () => openNewLocation({ redirect: false })),
  ];
}

/** Backends, including one that reorders concurrent requests, as a remote store does. */
export const CONCURRENT_BACKENDS: readonly Backend[] =
  REMOTE === undefined ? [...BACKENDS, local("memory with slow records", openSlowMemory)] : BACKENDS;

function local(name: string, open: () => Promise<Storage>): Backend {
  return { name, isRemote: false, start: async () => await serve(await open()) };
}

function remote(url: string): Backend {
  const running = { url, defects: [], listStored: async () => [], stop: async () => undefined };
  return { name: url, isRemote: true, start: async () => running };
}

async function serve(storage: Storage): Promise<RunningRegistry> {
  const defects: unknown[] = [];
  const records = new WatchedRecords(storage.records);
  const registry = { ...storage, records, now: () => new Date(), newId: randomUUID };
  const server = createNodeServer(createApp(registry, { onDefect: (error) => defects.push(error) }));
  const { url, stop } = await listen(server);
  return {
    url,
    defects,
    listStored: async () => [...records.keys(), ...(await storage.files())].sort(),
    stop: async () => {
      await stop();
      await storage.close();
    },
  };
}

async function openMemory(): Promise<Storage> {
  const blobs = new MemoryBlobs();
  const records = new MemoryRecords();
  return { records, blobs, uploads: blobs, files: async () => [], close: async () => undefined };
}

async function openSlowMemory(): Promise<Storage> {
  const storage = await openMemory();
  return { ...storage, records: withDelays(storage.records) };
}

/** Delays each call by 0 to 4 milliseconds before and after it, in a deterministic sequence. */
function withDelays(records: RecordStore): RecordStore {
  let state = 1;
  const wait = () => {
    state = (state * 48_271) % 2_147_483_647;
    return sleep(state % 5);
  };
  const slow = async <T>(run: () => Promise<T>): Promise<T> => {
    await wait();
    const result = await run();
    await wait();
    return result;
  };
  return {
    get: (key) => slow(() => records.get(key)),
    getMany: (keys) => slow(() => records.getMany(keys)),
    query: (prefix, options) => slow(() => records.query(prefix, options)),
    queryKeys: (prefix, options) => slow(() => records.queryKeys(prefix, options)),
    write: (changes) => slow(() => records.write(changes)),
  };
}

async function openTemporaryDisk(): Promise<Storage> {
  const folder = await mkdtemp(join(tmpdir(), "dockless-http-"));
  const disk = await openDisk(folder);
  const close = async () => {
    await disk.close();
    await rm(folder, { recursive: true, force: true });
  };
  return { ...disk, files: () => listFiles(folder, ["blobs", "uploads"]), close };
}

/** Opens a new location on S3 and DynamoDB. The AWS SDK is loaded only here, because loading takes a while. */
async function openNewLocation({ redirect }: { readonly redirect: boolean }): Promise<Storage> {
  const { listBucketContents, createLocation, openLocation } = await import(
    "../../local-cloud/support/aws-location.ts"
  );
  const location = await createLocation();
  return { ...openLocation(location, { redirect }), files: () => listBucketContents(location) };
}

async function listFiles(root: string, folders: readonly string[]): Promise<readonly string[]> {
  const lines: string[] = [];
  for (const folder of folders) {
    for (const entry of await readdir(join(root, folder), { recursive: true, withFileTypes: true })) {
      if (!entry.isFile()) continue;
      const path = join(entry.parentPath, entry.name);
      lines.push(`${path.slice(root.length + 1)}: ${(await stat(path)).size} bytes`);
    }
  }
  return lines;
}

/** Record store that tracks the existing keys, for stores that cannot list them. */
class WatchedRecords implements RecordStore {
  readonly #records: RecordStore;
  readonly #keys = new Set<string>();

  constructor(records: RecordStore) {
    this.#records = records;
  }

  keys(): readonly string[] {
    return [...this.#keys];
  }

  get<T>(key: Key<T>): Promise<T | undefined> {
    return this.#records.get(key);
  }

  getMany<T>(keys: readonly Key<T>[]) {
    return this.#records.getMany(keys);
  }

  query<T>(prefix: Key<T>, options: QueryOptions) {
    return this.#records.query(prefix, options);
  }

  queryKeys<T>(prefix: Key<T>, options: QueryOptions) {
    return this.#records.queryKeys(prefix, options);
  }

  async write(changes: readonly Change[]): Promise<void> {
    await this.#records.write(changes);
    for (const change of changes) {
      const { partition, sort } = keyOf(change);
      if ("put" in change) this.#keys.add(`${partition} ${sort}`);
      if ("remove" in change) this.#keys.delete(`${partition} ${sort}`);
    }
  }
}
