import type { ImageLayout, Platform } from "../support/images.ts";
import type { Credentials, Registry } from "./registry.ts";
import type { Tool } from "./support/tools.ts";

/** An image's name as clients write it: `text` is `registry/repository:tag`. */
export interface ImageName {
  readonly registry: string;
  readonly repository: string;
  readonly tag: string;
  readonly text: string;
}

/** A program under test, in its own sandbox. */
interface Client {
  readonly name: string;
  readonly tools: readonly Tool[];
  version(): Promise<string>;
  /** Starts the daemon of clients that have one. */
  start?(): Promise<void>;
  stop?(): Promise<void>;
  login(registry: string, credentials: Credentials): Promise<void>;
}

/** A client of whole images. */
export interface ImageClient extends Client {
  /**
   * Comparison of a pulled image: `blobs` when the client stores them unchanged, `content` when it unpacks
   * them and knows the manifest's digest, the config's and those of the uncompressed layers.
   */
  readonly keeps: "blobs" | "content";
  /** @returns the digest of the manifest or index that it pushed */
  push(layout: ImageLayout, name: ImageName): Promise<string>;
  /** Pulls into empty storage. @returns all digests that the client now holds, as it computed them */
  pull(name: ImageName, platforms: readonly Platform[]): Promise<ReadonlySet<string>>;
  /** Copies within the registry; without it, the suite pushes the same image again instead. */
  copy?(from: ImageName, to: ImageName): Promise<void>;
}

/** A client that uses a registry for something other than images. */
export interface SpecialClient extends Client {
  cases(names: readonly CaseName[], place: Place): Case[];
}

/** Images with one layer of this size; `multi`: two platforms; `copy`: an image that is pushed to two repositories. */
export const CASE_NAMES = ["1k", "12m", "300m", "multi", "copy"] as const;
export type CaseName = (typeof CASE_NAMES)[number];

/** Environment of the cases. */
export interface Place {
  readonly registry: Registry;
  /** Prefix of the repository names, so that no run finds what another left. */
  readonly prefix: string;
  /** Folder for the content to push. */
  readonly directory: string;
}

/** One line of the report. */
export interface Case {
  readonly name: string;
  run(): Promise<void>;
}

export function imageName(registry: string, repository: string, tag = "latest"): ImageName {
  return { registry, repository, tag, text: `${registry}/${repository}:${tag}` };
}
