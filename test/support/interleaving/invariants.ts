import { algorithmOf, type Digest } from "../../../lib/oci/digest.ts";
import { type Manifest, parseManifest, targetsOf } from "../../../lib/oci/manifest.ts";
import type { BlobStore } from "../../../lib/ports/blob-store.ts";
import type { RecordStore } from "../../../lib/ports/record-store.ts";
import { digestOf as digestOfSummary } from "../../../lib/registry/manifests/tag-summary.ts";
import { collect, digestOf } from "../content.ts";
import { type RepositoryRecords, readHolders } from "./repository.ts";
import { FILLERS } from "./world.ts";

/** Stores of a registry. */
export interface Stores {
  readonly records: RecordStore;
  readonly blobs: BlobStore;
}

const UNTOUCHED = new Set(FILLERS.map(({ digest }) => digest));

/** Returns the violated invariants of a repository; none must be violated at any time. */
export async function violations(stores: Stores, repository: RepositoryRecords): Promise<readonly string[]> {
  const found = [
    ...danglingTags(repository),
    ...wronglyListedTags(repository),
    ...strayReferrers(repository),
  ];
  for (const [digest, { size }] of repository.links) {
    if (!UNTOUCHED.has(digest)) found.push(...(await wrongLink(stores, repository, digest, size)));
  }
  for (const digest of repository.manifests.keys())
    found.push(...(await wrongManifest(stores, repository, digest)));
  return found.map((text) => `${repository.name}: ${text}`);
}

function danglingTags({ tags, manifests }: RepositoryRecords): readonly string[] {
  return [...tags].flatMap(([tag, { digest, size, mediaType }]) => {
    const manifest = manifests.get(digest);
    if (manifest === undefined) return [`tag ${tag} dangles: manifest ${digest} is missing`];
    const isSame = manifest.size === size && manifest.mediaType === mediaType;
    return isSame ? [] : [`tag ${tag} differs from its manifest`];
  });
}

/** Returns tags whose records for lists and for deletions differ from the tags themselves. */
function wronglyListedTags({ tags, tagSummaries, manifestTags }: RepositoryRecords): readonly string[] {
  const named = [...tags].map(([tag, { digest }]) => `${digest}#${tag}`).sort();
  const listed = [...tagSummaries].map(([tag, summary]) => `${digestOfSummary(summary)}#${tag}`).sort();
  return [
    ...(String(listed) === String(named) ? [] : [`tags are ${named}, but lists have ${listed}`]),
    ...(String([...manifestTags].sort()) === String(named)
      ? []
      : [`tags are ${named}, but those of manifests are ${[...manifestTags]}`]),
  ];
}

function strayReferrers({ referrers, manifests }: RepositoryRecords): readonly string[] {
  return [...referrers.keys()].flatMap((key) => {
    const [subject, digest] = key.split("#");
    const isTrue = [...manifests].some(([other, record]) => other === digest && record.subject === subject);
    return isTrue ? [] : [`referrer ${digest} of ${subject} is listed, but missing`];
  });
}

async function wrongLink(
  stores: Stores,
  { name }: RepositoryRecords,
  digest: Digest,
  size: number,
): Promise<readonly string[]> {
  const body = await stores.blobs.get(digest);
  if (body === undefined) return [`blob ${digest} is linked, but not stored`];
  const bytes = await collect(body);
  return [
    ...(digestOf(bytes, algorithmOf(digest)) === digest ? [] : [`blob ${digest} has wrong bytes`]),
    ...(bytes.length === size ? [] : [`blob ${digest} has ${bytes.length} bytes, not ${size}`]),
    ...((await readHolders(stores.records, digest)).includes(name)
      ? []
      : [`blob ${digest} is linked without a holder`]),
  ];
}

async function wrongManifest(
  stores: Stores,
  repository: RepositoryRecords,
  digest: Digest,
): Promise<readonly string[]> {
  const bytes = await bytesOf(stores, repository, digest);
  if (bytes === undefined) return [`manifest ${digest} has no bytes`];
  if (digestOf(bytes, algorithmOf(digest)) !== digest) return [`manifest ${digest} has wrong bytes`];
  const manifest = parseManifest(bytes, repository.manifests.get(digest)?.mediaType);
  return [
    ...missingBlobs(repository, digest, manifest),
    ...unprotected(repository, digest, manifest),
    ...unlisted(repository, digest, manifest),
  ];
}

async function bytesOf(
  { blobs }: Stores,
  repository: RepositoryRecords,
  digest: Digest,
): Promise<Uint8Array | undefined> {
  const inline = repository.manifests.get(digest)?.body;
  if (inline !== undefined) return inline;
  const body = await blobs.get(digest);
  return body === undefined ? undefined : await collect(body);
}

function missingBlobs({ links }: RepositoryRecords, digest: Digest, { blobs }: Manifest): readonly string[] {
  const missing = blobs.filter((descriptor) => !links.has(descriptor.digest));
  return missing.map((descriptor) => `manifest ${digest} depends on the missing blob ${descriptor.digest}`);
}

/** Returns unprotected dependencies: without references, the next deletion would remove them. */
function unprotected(
  { references }: RepositoryRecords,
  digest: Digest,
  manifest: Manifest,
): readonly string[] {
  const bare = targetsOf(manifest).filter((target) => !references.has(`${target}#${digest}`));
  return bare.map((target) => `manifest ${digest} does not protect ${target}`);
}

function unlisted(
  { referrers }: RepositoryRecords,
  digest: Digest,
  { subject }: Manifest,
): readonly string[] {
  const isListed = subject === undefined || referrers.has(`${subject.digest}#${digest}`);
  return isListed ? [] : [`manifest ${digest} is not among the referrers of its subject`];
}

/** Returns dependencies that were deleted although their manifest existed before and after. */
export function lostChildren(before: RepositoryRecords, after: RepositoryRecords): readonly string[] {
  const kept = [...before.references].filter((reference) => {
    const [target, manifest] = reference.split("#");
    const wasThere = [...before.manifests.keys(), ...before.links.keys()].some((digest) => digest === target);
    return wasThere && has(before, manifest) && has(after, manifest);
  });
  const lost = kept.filter((reference) => !isThere(after, reference.split("#")[0]));
  return lost.map((reference) => `${after.name}: deleted, although a manifest depends on it: ${reference}`);
}

function has({ manifests }: RepositoryRecords, digest: string | undefined): boolean {
  return [...manifests.keys()].some((other) => other === digest);
}

function isThere({ manifests, links }: RepositoryRecords, digest: string | undefined): boolean {
  return [...manifests.keys(), ...links.keys()].some((other) => other === digest);
}
