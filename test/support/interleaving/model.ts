import type { Operation } from "./operations.ts";
import type { RepositoryRecords } from "./repository.ts";
import {
  BLOB_CHILDREN,
  type BlobLabel,
  CHILDREN,
  labelOf,
  MANIFESTS,
  type ManifestLabel,
  NAMES,
  NEEDS,
} from "./world.ts";

/**
 * State of a sequential registry, as facts: `r1 blob a`, `r1 manifest ab`, `r1 tag t1 ab`. The responses of a real registry
 * to concurrent clients must equal the responses of this one to the same requests in some sequence (linearizability).
 */
export type Facts = ReadonlySet<string>;

/** Operation and its result. */
export interface Event {
  readonly operation: Operation;
  /** Result; undefined when the client was killed, so that the operation may or may not have happened. */
  readonly response: string | undefined;
  /** Times of the first call and of the end. */
  readonly began: number;
  readonly ended: number;
}

/** Returns the state of repositories. */
export function factsOf(repositories: readonly RepositoryRecords[]): Facts {
  const facts = new Set<string>();
  for (const { name, links, manifests, tags } of repositories) {
    for (const digest of links.keys()) facts.add(`${name} blob ${labelOf(digest)}`);
    for (const digest of manifests.keys()) facts.add(`${name} manifest ${labelOf(digest)}`);
    for (const [tag, { digest }] of tags) facts.add(`${name} tag ${tag} ${labelOf(digest)}`);
  }
  return facts;
}

/**
 * Returns whether some order of the events leads from one state to the other. An event that ended before another began precedes
 * it. One of a killed client may happen at any later time, except a deletion of what another client relies on by then.
 */
export function isExplained(before: Facts, events: readonly Event[], after: Facts): boolean {
  if (events.length === 0) return before.size === after.size && [...before].every((fact) => after.has(fact));
  return events.some((event, index) => {
    const others = events.toSpliced(index, 1);
    if (others.some(({ response, ended }) => response !== undefined && ended < event.began)) return false;
    const rest = others.filter((other) => !isPrevented(other, event));
    return nextStates(before, event).some((next) => isExplained(next, rest, after));
  });
}

/** Returns whether a deletion of a killed client has no effect any more, because another request needed its target later. */
function isPrevented({ operation, response, ended }: Event, by: Event): boolean {
  if (response !== undefined || by.response !== "done" || ended > by.began) return false;
  const needed = by.operation;
  if (needed.name !== operation.name) return false;
  if (operation.kind === "delete tag") return needed.kind === "push" && needed.tags.includes(operation.tag);
  if (operation.kind === "delete manifest") return needsManifest(needed, operation.manifest);
  return operation.kind === "delete blob" && needsBlob(needed, operation.blob);
}

function needsManifest(operation: Operation, manifest: ManifestLabel): boolean {
  if (operation.kind !== "push") return false;
  return operation.manifest === manifest || CHILDREN[operation.manifest].includes(manifest);
}

function needsBlob(operation: Operation, blob: BlobLabel): boolean {
  if (operation.kind === "upload" || operation.kind === "mount") return operation.blob === blob;
  return operation.kind === "push" && blobsOf(operation.manifest).includes(blob);
}

/** Returns the blobs that cannot be deleted while a manifest exists. */
function blobsOf(manifest: ManifestLabel): readonly BlobLabel[] {
  return [...NEEDS[manifest], ...BLOB_CHILDREN[manifest]];
}

function nextStates(facts: Facts, { operation, response }: Event): readonly Facts[] {
  if (response !== undefined) return next(facts, operation, response);
  return [facts, ...next(facts, operation, "done")];
}

/** Returns the state after the operation in a list; an empty list when the response would be different. */
function next(facts: Facts, operation: Operation, response: string): readonly Facts[] {
  if (response === "TOOMANYREQUESTS") return [facts];
  const { name } = operation;
  switch (operation.kind) {
    case "upload":
      return response === "done" ? [plus(facts, `${name} blob ${operation.blob}`)] : [];
    case "mount":
      return mount(facts, operation, response);
    case "push":
      return push(facts, operation, response);
    case "delete manifest":
      return deleteManifest(facts, operation, response);
    case "delete tag":
      return deleteTag(facts, operation, response);
    case "delete blob":
      return deleteBlob(facts, operation, response);
    case "get":
      return response === (tagged(facts, name, operation.tag) ?? "MANIFEST_UNKNOWN") ? [facts] : [];
  }
}

type Of<Kind> = Extract<Operation, { kind: Kind }>;

/** Mounts a blob. A refused mount is always correct: the client then uploads the blob. */
function mount(facts: Facts, { name, blob, from }: Of<"mount">, response: string): readonly Facts[] {
  if (response === "not mounted") return [facts];
  const sources = from === undefined ? NAMES : [from];
  const isThere = sources.some((source) => facts.has(`${source} blob ${blob}`));
  return response === "done" && isThere ? [plus(facts, `${name} blob ${blob}`)] : [];
}

function push(facts: Facts, operation: Of<"push">, response: string): readonly Facts[] {
  const { name, manifest, tags } = operation;
  const missing = NEEDS[manifest].filter((blob) => !facts.has(`${name} blob ${blob}`));
  if (response === `MANIFEST_BLOB_UNKNOWN ${missing.join(" ")}`) return missing.length > 0 ? [facts] : [];
  if (response === "PRECONDITION_FAILED") return preconditionHolds(facts, operation) ? [] : [facts];
  if (response !== "done" || missing.length > 0 || !preconditionHolds(facts, operation)) return [];
  const moved = without(facts, (fact) => tags.some((tag) => fact.startsWith(`${name} tag ${tag} `)));
  return [
    plus(moved, `${name} manifest ${manifest}`, ...tags.map((tag) => `${name} tag ${tag} ${manifest}`)),
  ];
}

/** Returns whether a precondition holds, on the tags, or on the manifest when there are none. */
function preconditionHolds(facts: Facts, { name, manifest, tags, precondition }: Of<"push">): boolean {
  if (precondition === undefined) return true;
  const mustExist = precondition === "present";
  if (tags.length === 0) return facts.has(`${name} manifest ${manifest}`) === mustExist;
  return tags.every((tag) => (tagged(facts, name, tag) !== undefined) === mustExist);
}

/** Deletes a manifest. A rejection is always correct: a push may be in progress or interrupted. */
function deleteManifest(
  facts: Facts,
  { name, manifest }: Of<"delete manifest">,
  response: string,
): readonly Facts[] {
  const isThere = facts.has(`${name} manifest ${manifest}`);
  if (response === "MANIFEST_UNKNOWN") return isThere ? [] : [facts];
  if (response === "DENIED") return [facts];
  const isNeeded = MANIFESTS.some(
    (other) => facts.has(`${name} manifest ${other}`) && CHILDREN[other].includes(manifest),
  );
  if (response !== "done" || !isThere || isNeeded) return [];
  const untagged = without(facts, (fact) => fact.startsWith(`${name} tag `) && fact.endsWith(` ${manifest}`));
  return [without(untagged, (fact) => fact === `${name} manifest ${manifest}`)];
}

/** Deletes a tag. Of two concurrent deletions both may succeed. */
function deleteTag(facts: Facts, { name, tag }: Of<"delete tag">, response: string): readonly Facts[] {
  if (response === "MANIFEST_UNKNOWN") return tagged(facts, name, tag) === undefined ? [facts] : [];
  return response === "done" ? [without(facts, (fact) => fact.startsWith(`${name} tag ${tag} `))] : [];
}

function deleteBlob(facts: Facts, { name, blob }: Of<"delete blob">, response: string): readonly Facts[] {
  const isThere = facts.has(`${name} blob ${blob}`);
  if (response === "BLOB_UNKNOWN") return isThere ? [] : [facts];
  if (response === "DENIED") return [facts];
  const isNeeded = MANIFESTS.some(
    (manifest) => facts.has(`${name} manifest ${manifest}`) && blobsOf(manifest).includes(blob),
  );
  if (response !== "done" || !isThere || isNeeded) return [];
  return [without(facts, (fact) => fact === `${name} blob ${blob}`)];
}

function tagged(facts: Facts, name: string, tag: string): string | undefined {
  const prefix = `${name} tag ${tag} `;
  return [...facts].find((fact) => fact.startsWith(prefix))?.slice(prefix.length);
}

function plus(facts: Facts, ...more: readonly string[]): Facts {
  return new Set([...facts, ...more]);
}

function without(facts: Facts, matches: (fact: string) => boolean): Facts {
  return new Set([...facts].filter((fact) => !matches(fact)));
}
