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
  /** For clients with a daemon. */
  start?(): Promise<void>;
  stop?(): Promise<void>;
  login(registry: string, credentials: Credentials): Promise<void>;
}

/** A client of whole images. */
export interface ImageClient extends Client {
  /**
   * What a pulled image can be compared by: `blobs` when the client keeps them as they are, `content` when it unpacks
   * them and knows the manifest's digest, the config's and those of the uncompressed layers.
   */
  readonly keeps: "blobs" | "content";
  /** @returns the digest of the manifest or index that it pushed */
  push(layout: ImageLayout, name: ImageName): Promise<string>;
  /** Pulls into a place without images. @returns all digests that the client now holds, as it computed them */
  pull(name: ImageName, platforms: readonly Platform[]): Promise<ReadonlySet<string>>;
  /** Copies within the registry; without it, a second push of the same image takes its place. */
  copy?(from: ImageName, to: ImageName): Promise<void>;
}

/** A client with a way of its own to use a registry. */
export interface SpecialClient extends Client {
  cases(names: readonly CaseName[], place: Place): Case[];
}

/** Images of one layer by its size; `multi`: two platforms; `copy`: an image that goes into two repositories. */
export const CASE_NAMES = ["1k", "12m", "300m", "multi", "copy"] as const;
export type CaseName = (typeof CASE_NAMES)[number];

/** Where cases happen. */
export interface Place {
  readonly registry: Registry;
  /** First part of the repositories' names, so that no run finds what another left. */
  readonly prefix: string;
  /** For what is pushed. */
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
