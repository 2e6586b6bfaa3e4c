import type { Content } from "./content.ts";
import type { Manifest } from "./images.ts";

/** One attempt at a change, between two times of the journal's own clock. */
interface Attempt {
  readonly begun: number;
  /** Time of the registry's acknowledgement; undefined without one. */
  answered?: number;
}

interface TagMove extends Attempt {
  readonly digest: string;
}

export interface BlobEntry {
  readonly repository: string;
  readonly content: Content;
  stored: boolean;
}

export interface ManifestEntry {
  readonly repository: string;
  readonly manifest: Manifest;
  stored: boolean;
}

export interface TagEntry {
  readonly repository: string;
  readonly tag: string;
  moves: TagMove[];
}

/** Record of attempted and acknowledged changes, for repositories in which nothing is deleted. */
export class Journal {
  readonly blobs = new Map<string, BlobEntry>();
  readonly manifests = new Map<string, ManifestEntry>();
  readonly tags = new Map<string, TagEntry>();
  #clock = 0;

  blob(repository: string, content: Content): BlobEntry {
    return entry(this.blobs, `${repository}@${content.digest}`, { repository, content, stored: false });
  }

  manifest(repository: string, manifest: Manifest): ManifestEntry {
    return entry(this.manifests, `${repository}@${manifest.digest}`, { repository, manifest, stored: false });
  }

  tag(repository: string, tag: string): TagEntry {
    return entry(this.tags, `${repository}:${tag}`, { repository, tag, moves: [] });
  }

  /** Records that a tag is about to move. @returns a function to call once the registry has acknowledged it */
  moving(repository: string, tag: string, digest: string): () => void {
    const move: TagMove = { digest, begun: this.#clock++ };
    this.tag(repository, tag).moves.push(move);
    return () => {
      move.answered = this.#clock++;
    };
  }

  /** After a restart no request is in progress: the present content is what was acknowledged. */
  settle(repository: string, tag: string, digest: string | undefined): void {
    const now = this.#clock++;
    this.tag(repository, tag).moves = digest === undefined ? [] : [{ digest, begun: now, answered: now }];
  }
}

/** Returns the digests that a tag may have: those of moves that no later one has certainly overwritten. */
export function possibleDigests({ moves }: TagEntry): readonly string[] {
  const lastBegun = Math.max(...moves.filter(({ answered }) => answered !== undefined).map((m) => m.begun));
  return moves
    .filter(({ answered = Number.POSITIVE_INFINITY }) => answered >= lastBegun)
    .map((m) => m.digest);
}

export function mustExist({ moves }: TagEntry): boolean {
  return moves.some(({ answered }) => answered !== undefined);
}

function entry<T>(map: Map<string, T>, key: string, fresh: T): T {
  const known = map.get(key);
  if (known !== undefined) return known;
  map.set(key, fresh);
  return fresh;
}
