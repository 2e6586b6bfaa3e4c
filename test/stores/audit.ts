import { algorithmOf, parseDigest } from "../../lib/oci/digest.ts";
import { parseRepositoryName } from "../../lib/oci/repository-name.ts";
import {
  type AwsLocation,
  listBucketContents,
  openLocation,
} from "../../local-cloud/support/aws-location.ts";
import { check } from "../soak/check.ts";
import type { Journal } from "../soak/support/journal.ts";
import { collect, digestOf } from "../support/content.ts";
import { violations } from "../support/interleaving/invariants.ts";
import { readRepository } from "../support/interleaving/repository.ts";

/** Result of an audit. */
export interface Audit {
  readonly problems: readonly string[];
  readonly figures: string;
}

/** Compares the contents of a registry with the journal, as clients read it and in the stores themselves. */
export async function audit(url: string, location: AwsLocation, journal: Journal): Promise<Audit> {
  const served = await check(url, journal);
  const repositories = new Set([...journal.blobs.values()].map(({ repository }) => repository));
  const storage = openLocation(location);
  const problems = [...served.problems];
  let sessions = 0;
  try {
    for (const repository of repositories) {
      const records = await readRepository(storage.records, parseRepositoryName(repository));
      problems.push(...(await violations(storage, records)));
      sessions += records.uploads.length;
    }
  } finally {
    await storage.close();
  }
  const held = await listBucketContents(location);
  const wrong = await wrongObjects(location, held);
  const abandoned = held.filter((line) => !line.startsWith("blobs/") || line.includes("multipart")).length;
  return {
    problems: [...problems, ...wrong],
    figures: `${served.manifests} manifests and ${served.blobs} blobs read; ${sessions} open sessions and ${abandoned} abandoned uploads for the lifecycle rules`,
  };
}

/** Verifies the digests of all stored objects, including those that no repository links to. */
async function wrongObjects(location: AwsLocation, held: readonly string[]): Promise<readonly string[]> {
  const storage = openLocation(location);
  const wrong: string[] = [];
  try {
    for (const line of held) {
      const [, algorithm, hex] = /^blobs\/(\w+)\/(\w+): \d+ bytes$/.exec(line) ?? [];
      if (algorithm === undefined || hex === undefined) continue;
      const digest = parseDigest(`${algorithm}:${hex}`);
      const bytes = await collect(await storage.blobs.get(digest));
      if (digestOf(bytes, algorithmOf(digest)) !== digest)
        wrong.push(`the bytes of the object ${line} do not have its digest`);
    }
    return wrong;
  } finally {
    await storage.close();
  }
}
