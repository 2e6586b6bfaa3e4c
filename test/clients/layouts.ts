import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import type { ImageLayout } from "../support/images.ts";
import { expectEqual } from "./support/expect.ts";
import { run } from "./support/process.ts";

/** Digests of all files below a `blobs/` folder; each file must be named by the hash of its bytes. */
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

export async function hashFile(path: string): Promise<string> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(path), hash);
  return `sha256:${hash.digest("hex")}`;
}

/** The layout as a tar file next to it, for clients that do not accept a folder. */
export async function archiveOf({ directory }: ImageLayout): Promise<string> {
  const archive = `${directory}.tar`;
  await run(["tar", "--create", "--file", archive, "--directory", directory, "."]);
  return archive;
}
