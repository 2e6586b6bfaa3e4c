import type { Descriptor } from "../../oci/descriptor.ts";
import { type Digest, isDigest } from "../../oci/digest.ts";
import { type Manifest, parseManifest } from "../../oci/manifest.ts";
import type { RepositoryName } from "../../oci/repository-name.ts";
import { type Change, type Entry, put } from "../../ports/record-store.ts";
import { lastPart, manifestKey, type ReferrerRecord, referrerKey } from "../records.ts";
import type { Registry } from "../registry.ts";
import { loadManifest } from "./content.ts";

/** Referrers that are looked at for one page. */
const PAGE_SIZE = 100;

/** Clients read lists of 4 MiB at most. One referrer that is larger by itself gets a page of its own. */
const MAX_PAGE_BYTES = 3.5 * 1024 * 1024;

/** Longer annotations are read from the manifest when asked for: a record holds 400 KB at most. */
const MAX_ANNOTATIONS_BYTES = 32 * 1024;

export interface ReferrersPage {
  readonly descriptors: readonly Descriptor[];
  /** Where the next page begins; absent on the last. */
  readonly next?: Digest;
}

/** What makes a manifest with a subject appear in the subject's list. */
export function referrerChanges(
  name: RepositoryName,
  digest: Digest,
  size: number,
  manifest: Manifest,
): readonly Change[] {
  if (manifest.subject === undefined) return [];
  const { mediaType, artifactType, annotations } = manifest;
  const record: ReferrerRecord = {
    mediaType,
    size,
    ...(artifactType === undefined ? {} : { artifactType }),
    ...repeatedAnnotations(annotations),
  };
  return [put(referrerKey(name, manifest.subject.digest, digest), record)];
}

function repeatedAnnotations(annotations: Manifest["annotations"]) {
  if (annotations === undefined) return {};
  const isShort = Buffer.byteLength(JSON.stringify(annotations)) <= MAX_ANNOTATIONS_BYTES;
  return isShort ? { annotations: Object.entries(annotations) } : { annotationsInBody: true as const };
}

/**
 * A page of the manifests whose subject is the digest, whether or not that exists.
 * @see https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#listing-referrers
 * @param after the last digest of the page before
 */
export async function listReferrers(
  registry: Registry,
  name: RepositoryName,
  subject: Digest,
  options: { readonly artifactType: string | undefined; readonly after: Digest | undefined },
): Promise<ReferrersPage> {
  const prefix = referrerKey(name, subject, "");
  const after = referrerKey(name, subject, options.after ?? "").sort;
  const entries = await registry.records.query(prefix, { after, limit: PAGE_SIZE });
  const { descriptors, next } = await fillPage(registry, name, entries, options.artifactType);
  const last = next ?? (entries.length === PAGE_SIZE ? entries.at(-1) : undefined);
  return { descriptors, ...(last === undefined ? {} : { next: digestOf(last) }) };
}

/** @returns as many descriptors as fit into one answer, and the last entry before those that do not */
async function fillPage(
  registry: Registry,
  name: RepositoryName,
  entries: readonly Entry<ReferrerRecord>[],
  artifactType: string | undefined,
): Promise<{ readonly descriptors: readonly Descriptor[]; readonly next?: Entry<ReferrerRecord> }> {
  const descriptors: Descriptor[] = [];
  let bytes = 0;
  let before: Entry<ReferrerRecord> | undefined;
  for (const entry of entries) {
    // SHOULD: "The registry SHOULD support filtering on `artifactType`."
    // https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#listing-referrers
    if (artifactType === undefined || entry.value.artifactType === artifactType) {
      const descriptor = await descriptorOf(registry, name, entry);
      bytes += Buffer.byteLength(JSON.stringify(descriptor));
      if (bytes > MAX_PAGE_BYTES && before !== undefined) return { descriptors, next: before };
      descriptors.push(descriptor);
    }
    before = entry;
  }
  return { descriptors };
}

async function descriptorOf(
  registry: Registry,
  name: RepositoryName,
  entry: Entry<ReferrerRecord>,
): Promise<Descriptor> {
  const { mediaType, size, artifactType, annotations: pairs, annotationsInBody } = entry.value;
  const digest = digestOf(entry);
  const annotations =
    annotationsInBody === true
      ? await annotationsOf(registry, name, digest)
      : pairs && Object.fromEntries(pairs);
  return {
    mediaType,
    digest,
    size,
    // MUST: "The descriptors MUST include an `artifactType` field that is set to the value of the
    // `artifactType` in the image manifest or index, if present."
    // https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#listing-referrers
    ...(artifactType === undefined ? {} : { artifactType }),
    // MUST: "The descriptors MUST include annotations from the image manifest or index."
    // https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#listing-referrers
    ...(annotations === undefined ? {} : { annotations }),
  };
}

async function annotationsOf(registry: Registry, name: RepositoryName, digest: Digest) {
  const record = await registry.records.get(manifestKey(name, digest));
  if (record === undefined) return undefined;
  return parseManifest(await loadManifest(registry, digest, record), record.mediaType).annotations;
}

function digestOf({ key }: Entry<ReferrerRecord>): Digest {
  const digest = lastPart(key);
  if (!isDigest(digest)) throw new Error(`not a referrer's key: ${key.sort}`);
  return digest;
}
