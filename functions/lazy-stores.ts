import { lazy } from "../lib/concurrency/lazy.ts";
import type { BlobStore } from "../lib/ports/blob-store.ts";
import type { UploadStore } from "../lib/ports/upload-store.ts";

/** Blob store and upload store. */
export interface Stores {
  readonly blobs: Required<BlobStore>;
  readonly uploads: UploadStore;
}

/**
 * Creates stores that are opened on first use, and again after a failure. Most requests do not need them, which shortens cold
 * starts.
 */
export function createLazyStores(open: () => Promise<Stores>): Stores {
  const stores = lazy(open);
  const blobs = async () => (await stores()).blobs;
  const uploads = async () => (await stores()).uploads;
  // All arguments are passed on: a store does without an optional one, and nothing would show that it is missing.
  return {
    blobs: {
      stat: async (...args) => (await blobs()).stat(...args),
      get: async (...args) => (await blobs()).get(...args),
      put: async (...args) => (await blobs()).put(...args),
      locate: async (...args) => (await blobs()).locate(...args),
    },
    uploads: {
      runExclusively: async (id, use, work) => (await uploads()).runExclusively(id, use, work),
      begin: async (...args) => (await uploads()).begin(...args),
      append: async (...args) => (await uploads()).append(...args),
      commit: async (...args) => (await uploads()).commit(...args),
      discard: async (...args) => (await uploads()).discard(...args),
    },
  };
}
