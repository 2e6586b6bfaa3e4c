import type { ImageLayout, Platform } from "../support/images.ts";
import type { Credentials, RegistryClient } from "./registry.ts";
import type { Tool } from "./support/tools.ts";

/** Name of an image in the form of clients: `text` is `registry/repository:tag`. */
export interface ImageName {
  readonly registry: string;
  readonly repository: string;
  readonly tag: string;
  readonly text: string;
}

/** A client program in its own sandbox. */
interface Client {
  readonly name: string;
  readonly tools: readonly Tool[];
  version(): Promise<string>;
  /** Starts the client's daemon, if it has one. */
  start?(): Promise<void>;
  /** Stops the client's daemon, if it has one. */
  stop?(): Promise<void>;
  login(registry: string, credentials: Credentials): Promise<void>;
}

/** A client that pushes and pulls images. */
export interface ImageClient extends Client {
  /**
   * Digests by which a pulled image can be compared: `blobs` when the client keeps blobs unchanged, `content` when it
   * unpacks them and stores the digests of the manifest, the config and the uncompressed layers.
   */
  readonly keeps: "blobs" | "content";
  /** Pushes an image. @returns the digest of the pushed manifest or index */
  push(layout: ImageLayout, name: ImageName): Promise<string>;
  /** Pulls into an empty image store. @returns all digests in the store afterwards, as the client computed them */
  pull(name: ImageName, platforms: readonly Platform[]): Promise<ReadonlySet<string>>;
  /** Reads the digest of a tag from the registry. The suite pulls if the client has no command for that. */
  resolve?(name: ImageName): Promise<string>;
  /** Copies within the registry. The suite pushes the image again if the client cannot copy. */
  copy?(from: ImageName, to: ImageName): Promise<void>;
}

/** A client of other artifacts, with its own cases. */
export interface SpecialClient extends Client {
  cases(names: readonly CaseName[], place: CaseContext): Case[];
}

/**
 * Names of image cases: the size of a single layer; `multi`: two platforms; `copy`: an image in two repositories; `absent`: a
 * tag that is read before its first push, and again right after it.
 */
export const CASE_NAMES = ["1k", "12m", "300m", "multi", "copy", "absent"] as const;
/** Name of an image case. */
export type CaseName = (typeof CASE_NAMES)[number];

/** Environment of a case. */
export interface CaseContext {
  readonly registry: RegistryClient;
  /** First segment of the repositories' names, so that no run finds content of another. */
  readonly prefix: string;
  /** Folder for the content to push. */
  readonly directory: string;
}

/** One line of the report. */
export interface Case {
  readonly name: string;
  run(): Promise<void>;
}

/** Builds the name of an image. */
export function imageName(registry: string, repository: string, tag = "latest"): ImageName {
  return { registry, repository, tag, text: `${registry}/${repository}:${tag}` };
}
