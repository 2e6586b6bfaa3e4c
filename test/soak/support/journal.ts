import type { Content } from "./content.ts";
import type { Manifest } from "./images.ts";

/** An attempted change. Times are readings of the journal's logical clock. */
interface Attempt {
  readonly startedAt: number;
  /** Time of the successful response; undefined without one. */
  confirmedAt?: number;
}

interface TagMove extends Attempt {
  readonly digest: string;
}

/** A blob that a client pushed. */
export interface BlobEntry {
  readonly repository: string;
  readonly content: Content;
  /** Whether the registry acknowledged it. */
  stored: boolean;
}

/** A manifest that a client pushed. */
export interface ManifestEntry {
  readonly repository: string;
  readonly manifest: Manifest;
  /** Whether the registry acknowledged it. */
  stored: boolean;
}

/** A tag, with all attempts to move it. */
export interface TagEntry {
  readonly repository: string;
  readonly tag: string;
  moves: TagMove[];
}

/** Record of the pushes of clients and of their acknowledgements, for tests that delete nothing. */
export class Journal {
  readonly blobs = new Map<string, BlobEntry>();
  readonly manifests = new Map<string, ManifestEntry>();
  readonly tags = new Map<string, TagEntry>();
  #clock = 0;

  /** Returns the entry of a blob, and creates it if it is missing. */
  blob(repository: string, content: Content): BlobEntry {
    return getOrInsert(this.blobs, `${repository}@${content.digest}`, { repository, content, stored: false });
  }

  /** Returns the entry of a manifest, and creates it if it is missing. */
  manifest(repository: string, manifest: Manifest): ManifestEntry {
    return getOrInsert(this.manifests, `${repository}@${manifest.digest}`, {
      repository,
      manifest,
      stored: false,
    });
  }

  /** Returns the entry of a tag, and creates it if it is missing. */
  tag(repository: string, tag: string): TagEntry {
    return getOrInsert(this.tags, `${repository}:${tag}`, { repository, tag, moves: [] });
  }

  /** Records the start of a tag push. @returns a callback for the registry's acknowledgement */
  startTagMove(repository: string, tag: string, digest: string): () => void {
    const move: TagMove = { digest, startedAt: this.#clock++ };
    this.tag(repository, tag).moves.push(move);
    return () => {
      move.confirmedAt = this.#clock++;
    };
  }

  /** Replaces the attempts by the present state, after a restart has ended all requests in progress. */
  settle(repository: string, tag: string, digest: string | undefined): void {
    const now = this.#clock++;
    this.tag(repository, tag).moves =
      digest === undefined ? [] : [{ digest, startedAt: now, confirmedAt: now }];
  }
}

/** Returns the digests that a tag may point to: the targets of moves that no later acknowledged move has certainly overwritten. */
export function possibleDigests({ moves }: TagEntry): readonly string[] {
  const confirmed = moves.filter(({ confirmedAt }) => confirmedAt !== undefined);
  const lastStart = Math.max(...confirmed.map(({ startedAt }) => startedAt));
  return moves
    .filter(({ confirmedAt = Number.POSITIVE_INFINITY }) => confirmedAt >= lastStart)
    .map(({ digest }) => digest);
}

/** Returns whether the registry acknowledged any push of the tag. */
export function mustExist({ moves }: TagEntry): boolean {
  return moves.some(({ confirmedAt }) => confirmedAt !== undefined);
}

function getOrInsert<T>(map: Map<string, T>, key: string, created: T): T {
  const present = map.get(key);
  if (present !== undefined) return present;
  map.set(key, created);
  return created;
}
