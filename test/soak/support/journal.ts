import type { Content } from "./content.ts";
import type { Manifest } from "./images.ts";

/** One attempt to change something, between two moments of the journal's own clock. */
interface Attempt {
  readonly begun: number;
  /** When the registry said yes; undefined when it never answered. */
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

/** What clients tried, and what the registry promised them, where nothing is deleted. */
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

  /** Notes that a tag is about to move. @returns what to call once the registry has said yes */
  moving(repository: string, tag: string, digest: string): () => void {
    const move: TagMove = { digest, begun: this.#clock++ };
    this.tag(repository, tag).moves.push(move);
    return () => {
      move.answered = this.#clock++;
    };
  }

  /** After a restart nothing is on its way any more: what is there now is what was promised. */
  settle(repository: string, tag: string, digest: string | undefined): void {
    const now = this.#clock++;
    this.tag(repository, tag).moves = digest === undefined ? [] : [{ digest, begun: now, answered: now }];
  }
}

/** The digests that a tag may have: those of moves that no later one has certainly overwritten. */
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
