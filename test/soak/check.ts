import { inParallel } from "./parallel.ts";
import { Served } from "./served.ts";
import { type Journal, mustExist, possibleDigests, type TagEntry } from "./support/journal.ts";

const AT_ONCE = 4;

/** Verifies that a registry serves everything that it acknowledged, and nothing that is wrong or incomplete. */
export async function check(url: string, journal: Journal): Promise<Served> {
  const served = new Served(url);
  await inParallel(journal.blobs.values(), AT_ONCE, async ({ repository, content, stored }) => {
    const there = await served.blob(repository, content.digest);
    if (stored && !there) served.problems.push(`${repository} ${content.digest}: answered 201, now unknown`);
  });
  await inParallel(journal.manifests.values(), AT_ONCE, async ({ repository, manifest, stored }) => {
    const there = await served.manifest(repository, manifest.digest);
    if (stored && !there) served.problems.push(`${repository} ${manifest.digest}: answered 201, now unknown`);
  });
  await inParallel(journal.tags.values(), AT_ONCE, (entry) => checkTag(served, entry));
  await checkListedTags(served, journal);
  return served;
}

async function checkTag(served: Served, entry: TagEntry): Promise<void> {
  const where = `${entry.repository}:${entry.tag}`;
  const digest = await served.resolve(entry.repository, entry.tag);
  if (digest === undefined) {
    if (mustExist(entry)) served.problems.push(`${where}: answered 201, now unknown`);
  } else if (!possibleDigests(entry).includes(digest)) {
    served.problems.push(`${where}: is ${digest}, which was not the last to be pushed`);
  }
}

/** A list must contain everything that can be pulled, and nothing else. */
async function checkListedTags(served: Served, journal: Journal): Promise<void> {
  for (const repository of new Set([...journal.tags.values()].map((entry) => entry.repository))) {
    const listed = new Set(await served.tags(repository));
    for (const entry of journal.tags.values()) {
      if (entry.repository !== repository) continue;
      const there = (await served.resolve(repository, entry.tag)) !== undefined;
      if (there !== listed.has(entry.tag)) {
        served.problems.push(
          `${repository}:${entry.tag}: ${there ? "not " : ""}in the list, though it is not so`,
        );
      }
    }
  }
}

/** Makes the present content the expected content, after a crash has ended all requests in progress. */
export async function settle(served: Served, journal: Journal): Promise<void> {
  for (const { repository, tag } of journal.tags.values()) {
    journal.settle(repository, tag, await served.resolve(repository, tag));
  }
  for (const entry of journal.blobs.values()) {
    entry.stored = await served.blob(entry.repository, entry.content.digest);
  }
  for (const entry of journal.manifests.values()) {
    entry.stored = await served.manifest(entry.repository, entry.manifest.digest);
  }
}
