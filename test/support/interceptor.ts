import type { BlobStore } from "../../lib/ports/blob-store.ts";
import type { Change, Key, RecordStore } from "../../lib/ports/record-store.ts";
import { keyOf } from "../../lib/ports/record-store.ts";
import type { UploadStore } from "../../lib/ports/upload-store.ts";

/** Call of a store. */
export interface Call {
  readonly store: "records" | "blobs" | "uploads";
  readonly method: string;
  /** Subject of the call, for traces. */
  readonly about: string;
}

/** Interceptor of calls, which decides when and whether a call is made. */
export type Interceptor = <T>(call: Call, run: () => Promise<T>) => Promise<T>;

/** Returns a record store whose calls are intercepted. */
export function interceptRecords(store: RecordStore, around: Interceptor): RecordStore {
  const call = (method: string, about: string): Call => ({ store: "records", method, about });
  return {
    get: (key) => around(call("get", nameOf(key)), () => store.get(key)),
    getMany: (keys) => around(call("getMany", keys.map(nameOf).join(", ")), () => store.getMany(keys)),
    query: (prefix, options) => around(call("query", nameOf(prefix)), () => store.query(prefix, options)),
    queryKeys: (prefix, options) =>
      around(call("queryKeys", nameOf(prefix)), () => store.queryKeys(prefix, options)),
    write: (changes) => around(call("write", changes.map(describe).join(", ")), () => store.write(changes)),
  };
}

/** Returns a blob store whose calls are intercepted. */
export function interceptBlobs(store: BlobStore, around: Interceptor): BlobStore {
  const call = (method: string, about: string): Call => ({ store: "blobs", method, about });
  return {
    stat: (digest) => around(call("stat", digest), () => store.stat(digest)),
    get: (digest, range, size) => around(call("get", digest), () => store.get(digest, range, size)),
    put: (digest, body, length) => around(call("put", digest), () => store.put(digest, body, length)),
  };
}

/** Returns an upload store whose calls are intercepted. */
export function interceptUploads(store: UploadStore, around: Interceptor): UploadStore {
  const call = (method: string, about: string): Call => ({ store: "uploads", method, about });
  return {
    runExclusively: (id, use, work) => store.runExclusively(id, use, work),
    begin: (id, algorithm) => around(call("begin", id), () => store.begin(id, algorithm)),
    append: (staged, body) =>
      around(call("append", `${staged.id} at ${staged.size}`), () => store.append(staged, body)),
    commit: (staged, digest) =>
      around(call("commit", `${staged.id} of ${staged.size} as ${digest}`), () =>
        store.commit(staged, digest),
      ),
    discard: (staged) => around(call("discard", staged.id), () => store.discard(staged)),
  };
}

function nameOf({ partition, sort }: Key<unknown>): string {
  return `${partition} ${sort}`;
}

function describe(change: Change): string {
  const kind = "put" in change ? "put" : "remove" in change ? "remove" : "check";
  const condition = change.condition === undefined ? "" : ` if ${JSON.stringify(change.condition)}`;
  return `${kind} ${nameOf(keyOf(change))}${condition}`;
}
