import { ClientError } from "../../client/client-error.ts";
import type { RegistryResponse } from "../../client/message.ts";
import type { Digest } from "../../oci/digest.ts";
import { translateClientError } from "../findings/client-failure.ts";
import { CheckFailure, type Finding, ok } from "../findings/finding.ts";
import { describeResponse } from "../findings/response.ts";

/** Sends a request to the registry. */
type Send = (method: "DELETE" | "GET", path: string) => Promise<RegistryResponse>;

const IN_CATALOG = "; the empty repository is still listed in the catalog";

/** Response statuses of a DELETE that mean that the content no longer exists. */
const DELETED_STATUSES: ReadonlySet<number> = new Set([202, 204, 404]);

/**
 * The content that this run may have pushed, to be deleted at the end. Content is registered before it is pushed, since a push
 * that fails on the client side may have succeeded on the server.
 */
export class CleanupList {
  readonly #repository: string;
  readonly #sessions = new Set<string>();
  readonly #blobs = new Set<Digest>();
  readonly #manifests = new Set<Digest>();

  constructor(repository: string) {
    this.#repository = repository;
  }

  /** Registers an open session. @param session path of the session */
  addSession(session: string): void {
    this.#sessions.add(session);
  }

  /** Unregisters a session that was closed or cancelled. */
  removeSession(session: string): void {
    this.#sessions.delete(session);
  }

  /** Registers a blob. */
  addBlob(digest: Digest): void {
    this.#blobs.add(digest);
  }

  /** Registers a manifest. */
  addManifest(digest: Digest): void {
    this.#manifests.add(digest);
  }

  /** Deletes all registered content, continuing after failures. @throws CheckFailure that lists the content that is left */
  async deleteAll(send: Send): Promise<Finding> {
    const paths = this.#paths();
    const left: string[] = [];
    for (const path of paths) {
      const failure = await failureOf(() => send("DELETE", path));
      if (failure !== undefined) left.push(`${path} (${failure})`);
    }
    if (left.length === 0) {
      if (paths.length === 0) return ok("no content to delete");
      return ok(`${paths.length} objects deleted${(await this.#isListed(send)) ? IN_CATALOG : ""}`);
    }
    throw new CheckFailure(`${left.length} of ${paths.length} objects could not be deleted`, {
      expected: "all pushed content can be deleted",
      actual: left.join("; "),
      cause:
        "the credentials lack the permission to delete, a proxy blocks DELETE, or the registry is no longer reachable",
      advice: `delete the listed objects manually (curl -X DELETE) in this order; open uploads expire after a day. All objects are in the repository ${this.#repository}`,
    });
  }

  /** Returns whether the empty repository is still known by name. */
  async #isListed(send: Send): Promise<boolean> {
    return await send("GET", `/v2/${this.#repository}/tags/list`).then(
      ({ status }) => status === 200,
      () => false,
    );
  }

  /** Returns the paths in order of deletion: manifests before the blobs they depend on, newest manifests first. */
  #paths(): readonly string[] {
    const repositoryPath = `/v2/${this.#repository}`;
    return [
      ...[...this.#manifests].reverse().map((digest) => `${repositoryPath}/manifests/${digest}`),
      ...[...this.#blobs].map((digest) => `${repositoryPath}/blobs/${digest}`),
      ...this.#sessions,
    ];
  }
}

/** Returns the reason why a DELETE failed, or undefined if it succeeded. */
async function failureOf(sendDelete: () => Promise<RegistryResponse>): Promise<string | undefined> {
  try {
    const response = await sendDelete();
    return DELETED_STATUSES.has(response.status) ? undefined : describeResponse(response);
  } catch (error) {
    const isUnanswered = error instanceof ClientError && error.failure.code === "NO_RESPONSE";
    const reported = isUnanswered ? error : translateClientError(error);
    return reported instanceof Error ? reported.message : String(reported);
  }
}
