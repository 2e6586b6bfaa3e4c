import type { BlobStore } from "../lib/ports/blob-store.ts";
import type { UploadStore } from "../lib/ports/upload-store.ts";

/** Blob store and upload store. */
export interface Stores {
  readonly blobs: Required<BlobStore>;
  readonly uploads: UploadStore;
}

/**
 * Creates stores that are opened on first use. Most requests do not need them, which shortens cold starts.
 */
export function createLazyStores(open: () => Promise<Stores>): Stores {
  let opened: Promise<Stores> | undefined;
  const stores = () => (opened ??= open());
  const blobs = async () => (await stores()).blobs;
  const uploads = async () => (await stores()).uploads;
  return {
    blobs: {
      stat: async (digest) => (await blobs()).stat(digest),
      get: async (digest, range) => (await blobs()).get(digest, range),
      put: async (digest, body) => (await blobs()).put(digest, body),
      locate: async (digest) => (await blobs()).locate(digest),
    },
    uploads: {
      runExclusively: async (id, use, work) => (await uploads()).runExclusively(id, use, work),
      begin: async (id, algorithm) => (await uploads()).begin(id, algorithm),
      append: async (staged, body) => (await uploads()).append(staged, body),
      commit: async (staged, digest) => (await uploads()).commit(staged, digest),
      discard: async (staged) => (await uploads()).discard(staged),
    },
  };
}
