import { runConcurrently } from "./parallel.ts";
import { ServedContent } from "./served-content.ts";
import { type Journal, mustExist, possibleDigests, type TagEntry } from "./support/journal.ts";

const MAX_CONCURRENT_REQUESTS = 4;

/** Verifies that a registry serves all acknowledged content, and no incorrect or incomplete content. */
export async function check(url: string, journal: Journal): Promise<ServedContent> {
  const served = new ServedContent(url);
  await runConcurrently(
    journal.blobs.values(),
    MAX_CONCURRENT_REQUESTS,
    async ({ repository, content, stored }) => {
      const exists = await served.hasBlob(repository, content.digest);
      if (stored && !exists)
        served.problems.push(`${repository} ${content.digest}: returned 201, now unknown`);
    },
  );
  await runConcurrently(
    journal.manifests.values(),
    MAX_CONCURRENT_REQUESTS,
    async ({ repository, manifest, stored }) => {
      const exists = await served.hasManifest(repository, manifest.digest);
      if (stored && !exists)
        served.problems.push(`${repository} ${manifest.digest}: returned 201, now unknown`);
    },
  );
  await runConcurrently(journal.tags.values(), MAX_CONCURRENT_REQUESTS, (entry) => checkTag(served, entry));
  await checkListedTags(served, journal);
  return served;
}

async function checkTag(served: ServedContent, entry: TagEntry): Promise<void> {
  const name = `${entry.repository}:${entry.tag}`;
  const digest = await served.resolve(entry.repository, entry.tag);
  if (digest === undefined) {
    if (mustExist(entry)) served.problems.push(`${name}: returned 201, now unknown`);
  } else if (!possibleDigests(entry).includes(digest)) {
    served.problems.push(`${name}: is ${digest}, which is not the result of the last push`);
  }
}

/** Verifies that the tag list contains the tags that can be pulled, and no others. */
async function checkListedTags(served: ServedContent, journal: Journal): Promise<void> {
  for (const repository of new Set([...journal.tags.values()].map((entry) => entry.repository))) {
    const listed = new Set(await served.listTags(repository));
    for (const entry of journal.tags.values()) {
      if (entry.repository !== repository) continue;
      const exists = (await served.resolve(repository, entry.tag)) !== undefined;
      if (exists !== listed.has(entry.tag)) {
        served.problems.push(
          `${repository}:${entry.tag}: ${exists ? "missing from the tag list" : "listed, but unknown"}`,
        );
      }
    }
  }
}

/** Records the present state as the expected one, after a crash has ended all requests in progress. */
export async function settle(served: ServedContent, journal: Journal): Promise<void> {
  for (const { repository, tag } of journal.tags.values()) {
    journal.settle(repository, tag, await served.resolve(repository, tag));
  }
  for (const entry of journal.blobs.values()) {
    entry.stored = await served.hasBlob(entry.repository, entry.content.digest);
  }
  for (const entry of journal.manifests.values()) {
    entry.stored = await served.hasManifest(entry.repository, entry.manifest.digest);
  }
}
