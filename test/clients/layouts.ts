import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import type { ImageLayout } from "../support/images.ts";
import { expectEqual } from "./support/expect.ts";
import { run } from "./support/process.ts";

/** Hashes all files in a `blobs` folder. @returns their digests @throws Error when a file's name is not its digest */
export async function hashBlobs(blobs: string): Promise<ReadonlySet<string>> {
  const digests = new Set<string>();
  for (const name of await readdir(join(blobs, "sha256"))) {
    const path = join(blobs, "sha256", name);
    const digest = await hashFile(path);
    expectEqual(`digest of ${path}`, digest, `sha256:${name}`);
    digests.add(digest);
  }
  return digests;
}

/** Computes the SHA-256 digest of a file. */
export async function hashFile(path: string): Promise<string> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(path), hash);
  return `sha256:${hash.digest("hex")}`;
}

/** Packs a layout into a tar file beside it, for clients that do not read folders. @returns its path */
export async function archiveLayout({ directory }: ImageLayout): Promise<string> {
  const archive = `${directory}.tar`;
  await run(["tar", "--create", "--file", archive, "--directory", directory, "."]);
  return archive;
}
