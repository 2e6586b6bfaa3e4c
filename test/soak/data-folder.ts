import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import type { Key } from "../../lib/ports/record-store.ts";
import { openDisk } from "../../lib/storage/disk/open.ts";

/** Content of a data folder. */
export interface DataFolderContent {
  /** Sort keys of the records of upload sessions. */
  readonly sessions: readonly string[];
  /** `<repository> <digest>` of each link of a repository to a blob. */
  readonly links: readonly string[];
  /** Digests of the blob files. */
  readonly files: readonly string[];
  /** Digests of the blob files that no repository links to. */
  readonly unlinked: readonly string[];
}

/** Lists the content of the data folder of a stopped server. */
export async function listDataFolder(
  data: string,
  repositories: Iterable<string>,
): Promise<DataFolderContent> {
  const storage = await openDisk(data);
  const sessions: string[] = [];
  const links: string[] = [];
  const linked = new Set<string>();
  try {
    const listSortKeys = async (partition: string, sort: string) => {
      const prefix: Key<object> = { partition, sort };
      const entries = await storage.records.query(prefix, { limit: 1_000_000 });
      return entries.map(({ key }) => key.sort);
    };
    for (const repository of repositories) {
      sessions.push(...(await listSortKeys(`repo#${repository}`, "upload#")));
      for (const prefix of ["blob#", "manifest#"]) {
        const keys = await listSortKeys(`repo#${repository}`, prefix);
        const digests = keys.map((key) => key.slice(prefix.length));
        for (const digest of digests) linked.add(digest);
        if (prefix === "blob#") links.push(...digests.map((digest) => `${repository} ${digest}`));
      }
    }
  } finally {
    await storage.close();
  }
  const files = await listBlobFiles(data);
  return { sessions, links, files, unlinked: files.filter((digest) => !linked.has(digest)) };
}

/** Lists the digests of the blob files. */
export async function listBlobFiles(data: string): Promise<readonly string[]> {
  const names = await readdir(join(data, "blobs/sha256"));
  return names.map((name) => `sha256:${name}`);
}

/** Returns the size of a blob file in bytes. */
export async function readBlobFileSize(data: string, digest: string): Promise<number> {
  return (await stat(blobPath(data, digest))).size;
}

/** Returns the digests of the blob files whose bytes do not match their digest. */
export async function findCorruptFiles(data: string, digests: Iterable<string>): Promise<readonly string[]> {
  const wrong: string[] = [];
  for (const digest of digests) {
    const hash = createHash("sha256");
    for await (const chunk of createReadStream(blobPath(data, digest))) hash.update(chunk);
    if (`sha256:${hash.digest("hex")}` !== digest) wrong.push(digest);
  }
  return wrong;
}

function blobPath(data: string, digest: string): string {
  return join(data, "blobs", digest.replace(":", "/"));
}
