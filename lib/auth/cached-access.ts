import { RefreshingCache } from "../concurrency/refreshing-cache.ts";
import type { RecordStore } from "../ports/record-store.ts";
import { ACCESS_VERSION_KEY } from "./access-version.ts";
import { GrantIndex } from "./grants/grant-index.ts";
import { type AccessSnapshot, loadAccess } from "./snapshot.ts";

/** The access configuration, with its grants compiled. */
export interface IndexedAccess extends AccessSnapshot {
  readonly grantIndex: GrantIndex;
}

/** Milliseconds between checks for changes, which bounds the delay until a change is effective everywhere. */
const ACCESS_FRESH_MILLISECONDS = 2000;

/**
 * Creates a function that returns the access configuration from a short-lived cache, so that not every request loads it. A
 * check for changes is one read of the version record; the configuration is reloaded only when the version has changed.
 * @param monotonicNow returns the milliseconds of a monotonic clock
 * @param onLoad called with each newly loaded configuration and its predecessor
 * @param initial the predecessor of the first loaded configuration; without it, `onLoad` is not called for the first load
 */
export function cachedAccess(
  records: RecordStore,
  monotonicNow: () => number,
  onLoad: (before: AccessSnapshot, after: AccessSnapshot) => void,
  initial?: AccessSnapshot,
): () => Promise<IndexedAccess> {
  let held: { readonly access: IndexedAccess; readonly version: string | undefined } | undefined;
  const load = async () => {
    // The version is read before the configuration, so that a change in between causes another load. The first load skips the
    // version, to keep cold starts short; the configuration is loaded once more when the version is first read.
    const version = held === undefined ? undefined : await readVersion(records);
    if (held !== undefined && held.version === version) return held.access;
    const access = indexAccess(await loadAccess(records));
    const before = held?.access ?? initial;
    held = { access, version };
    if (before !== undefined) onLoad(before, access);
    return access;
  };
  const cache = new RefreshingCache({ load, monotonicNow, freshMilliseconds: ACCESS_FRESH_MILLISECONDS });
  return () => cache.get();
}

/** Returns the access configuration with its grants compiled. */
export function indexAccess(access: AccessSnapshot): IndexedAccess {
  return { ...access, grantIndex: new GrantIndex(access.grants) };
}

/** Returns the version of the configuration; an empty text before its first change. */
async function readVersion(records: RecordStore): Promise<string> {
  return (await records.get(ACCESS_VERSION_KEY))?.version ?? "";
}
