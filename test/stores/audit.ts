import { algorithmOf, parseDigest } from "../../lib/oci/digest.ts";
import { parseRepositoryName } from "../../lib/oci/repository-name.ts";
import { type AwsPlace, heldInBucket, openPlace } from "../../local-cloud/support/aws-place.ts";
import { check } from "../soak/check.ts";
import type { Journal } from "../soak/support/journal.ts";
import { collect, digestOf } from "../support/content.ts";
import { violations } from "../support/interleaving/invariants.ts";
import { readRepository } from "../support/interleaving/repository.ts";

export interface Audit {
  readonly problems: readonly string[];
  readonly figures: string;
}

/** Looks at all that a registry holds: as clients see it, against what they were promised, and in the stores themselves. */
export async function audit(url: string, place: AwsPlace, journal: Journal): Promise<Audit> {
  const served = await check(url, journal);
  const repositories = new Set([...journal.blobs.values()].map(({ repository }) => repository));
  const storage = openPlace(place);
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
  const held = await heldInBucket(place);
  const wrong = await wrongObjects(place, held);
  const leftovers = held.filter((line) => !line.startsWith("blobs/") || line.includes("multipart")).length;
  return {
    problems: [...problems, ...wrong],
    figures: `${served.manifests} manifests and ${served.blobs} blobs read; ${sessions} open sessions and ${leftovers} leftovers for the lifecycle rules`,
  };
}

/** Rule 1 of all: bytes stored under a digest have that digest, also where no repository has a link to them. */
async function wrongObjects(place: AwsPlace, held: readonly string[]): Promise<readonly string[]> {
  const storage = openPlace(place);
  const wrong: string[] = [];
  try {
    for (const line of held) {
      const [, algorithm, hex] = /^blobs\/(\w+)\/(\w+): \d+ bytes$/.exec(line) ?? [];
      if (algorithm === undefined || hex === undefined) continue;
      const digest = parseDigest(`${algorithm}:${hex}`);
      const bytes = await collect(await storage.blobs.get(digest));
      if (digestOf(bytes, algorithmOf(digest)) !== digest) wrong.push(`the object ${line} has other bytes`);
    }
    return wrong;
  } finally {
    await storage.close();
  }
}
