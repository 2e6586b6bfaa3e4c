import type { Descriptor } from "../../oci/descriptor.ts";
import { type Digest, isDigest } from "../../oci/digest.ts";
import { type Manifest, parseManifest } from "../../oci/manifest.ts";
import type { RepositoryName } from "../../oci/repository-name.ts";
import { type Change, type Entry, put } from "../../ports/record-store.ts";
import { lastPartOf, manifestKey, type ReferrerRecord, referrerKey } from "../records.ts";
import type { RegistryContext } from "../registry-context.ts";
import { loadManifest } from "./content.ts";

/** Maximum number of referrers read for one page. */
const MAX_PAGE_REFERRERS = 100;

/** Maximum page size in bytes: clients read lists of up to 4 MiB. A larger descriptor is returned on its own page. */
const MAX_PAGE_BYTES = 3.5 * 1024 * 1024;

/** Maximum number of bytes of manifests read for the annotations of a page. A larger manifest gets a page of its own. */
const MAX_PAGE_READ_BYTES = 16 * 1024 * 1024;

/** Maximum JSON size in bytes of annotations in a record, which is limited to 400 KB. Longer ones are read from the manifest. */
const MAX_ANNOTATIONS_BYTES = 32 * 1024;

/** A page of a subject's referrers. */
export interface ReferrersPage {
  readonly descriptors: readonly Descriptor[];
  /** The digest after which the next page begins; absent on the last page. */
  readonly next?: Digest;
}

/** Returns the changes that add a manifest with a subject to the subject's referrers. */
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
    ...copyAnnotations(annotations),
  };
  return [put(referrerKey(name, manifest.subject.digest, digest), record)];
}

function copyAnnotations(annotations: Manifest["annotations"]) {
  if (annotations === undefined) return {};
  const isShort = Buffer.byteLength(JSON.stringify(annotations)) <= MAX_ANNOTATIONS_BYTES;
  return isShort ? { annotations: Object.entries(annotations) } : { annotationsInBody: true as const };
}

/**
 * Lists the manifests whose subject is the digest. The subject need not exist.
 * @see https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#listing-referrers
 * @param options.after the last digest of the previous page
 */
export async function listReferrers(
  registry: RegistryContext,
  name: RepositoryName,
  subject: Digest,
  options: { readonly artifactType: string | undefined; readonly after: Digest | undefined },
): Promise<ReferrersPage> {
  const prefix = referrerKey(name, subject, "");
  const after = referrerKey(name, subject, options.after ?? "").sort;
  const entries = await registry.records.query(prefix, { after, limit: MAX_PAGE_REFERRERS });
  const { descriptors, next } = await fillPage(registry, name, entries, options.artifactType);
  const last = next ?? (entries.length === MAX_PAGE_REFERRERS ? entries.at(-1) : undefined);
  return { descriptors, ...(last === undefined ? {} : { next: digestOf(last) }) };
}

/** Fills a page. @returns the descriptors that fit into one response, and the last entry on the page if more follow */
async function fillPage(
  registry: RegistryContext,
  name: RepositoryName,
  entries: readonly Entry<ReferrerRecord>[],
  artifactType: string | undefined,
): Promise<{ readonly descriptors: readonly Descriptor[]; readonly next?: Entry<ReferrerRecord> }> {
  const descriptors: Descriptor[] = [];
  let bytes = 0;
  let readBytes = 0;
  let before: Entry<ReferrerRecord> | undefined;
  for (const entry of entries) {
    // SHOULD: "The registry SHOULD support filtering on `artifactType`."
    // https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#listing-referrers
    if (artifactType === undefined || entry.value.artifactType === artifactType) {
      if (entry.value.annotationsInBody === true) readBytes += entry.value.size;
      if (readBytes > MAX_PAGE_READ_BYTES && before !== undefined) return { descriptors, next: before };
      const descriptor = await loadDescriptor(registry, name, entry);
      bytes += Buffer.byteLength(JSON.stringify(descriptor));
      if (bytes > MAX_PAGE_BYTES && before !== undefined) return { descriptors, next: before };
      descriptors.push(descriptor);
    }
    before = entry;
  }
  return { descriptors };
}

async function loadDescriptor(
  registry: RegistryContext,
  name: RepositoryName,
  entry: Entry<ReferrerRecord>,
): Promise<Descriptor> {
  const { mediaType, size, artifactType, annotations: pairs, annotationsInBody } = entry.value;
  const digest = digestOf(entry);
  const annotations =
    annotationsInBody === true
      ? await loadAnnotations(registry, name, digest)
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

async function loadAnnotations(registry: RegistryContext, name: RepositoryName, digest: Digest) {
  const record = await registry.records.get(manifestKey(name, digest));
  if (record === undefined) return undefined;
  const body = await loadManifest(registry, digest, record);
  return body === undefined ? undefined : parseManifest(body, record.mediaType).annotations;
}

function digestOf({ key }: Entry<ReferrerRecord>): Digest {
  const digest = lastPartOf(key);
  if (!isDigest(digest)) throw new Error(`not the key of a referrer: ${key.sort}`);
  return digest;
}
