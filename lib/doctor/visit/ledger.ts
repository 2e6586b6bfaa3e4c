import { ClientError } from "../../client/client-error.ts";
import type { Answer } from "../../client/message.ts";
import type { Digest } from "../../oci/digest.ts";
import { describe } from "../findings/answer.ts";
import { translateClientError } from "../findings/client-failure.ts";
import { type Finding, ok, Problem } from "../findings/finding.ts";

/** Already gone is as good as removed now. */
const GONE: ReadonlySet<number> = new Set([202, 204, 404]);

/**
 * What this visit may have left in the registry. It is noted down before it is pushed: a push that broke off may have
 * succeeded over there.
 */
export class Ledger {
  readonly #repository: string;
  readonly #sessions = new Set<string>();
  readonly #blobs = new Set<Digest>();
  readonly #manifests = new Set<Digest>();

  constructor(repository: string) {
    this.#repository = repository;
  }

  opened(session: string): void {
    this.#sessions.add(session);
  }

  closed(session: string): void {
    this.#sessions.delete(session);
  }

  blob(digest: Digest): void {
    this.#blobs.add(digest);
  }

  manifest(digest: Digest): void {
    this.#manifests.add(digest);
  }

  /** Removes all of it, and goes on after a failure. @throws Problem that says what is left */
  async clear(remove: (path: string) => Promise<Answer>): Promise<Finding> {
    const paths = this.#paths();
    const left: string[] = [];
    for (const path of paths) {
      const failure = await failureOf(() => remove(path));
      if (failure !== undefined) left.push(`${path} (${failure})`);
    }
    if (left.length === 0)
      return ok(paths.length === 0 ? "there was nothing to remove" : `${paths.length} things removed`);
    throw new Problem(`${left.length} of ${paths.length} things are left`, {
      expected: "all that was pushed can be deleted again",
      came: left.join("; "),
      cause:
        "the credentials may not delete, DELETE does not get through, or the registry cannot be reached any more",
      advice: `delete what is listed by hand (curl -X DELETE), in this order; open uploads expire by themselves after a day. All of it is in the repository ${this.#repository}`,
    });
  }

  /** Manifests go first, since they need the blobs; the newest before those that they name. */
  #paths(): readonly string[] {
    const below = `/v2/${this.#repository}`;
    return [
      ...[...this.#manifests].reverse().map((digest) => `${below}/manifests/${digest}`),
      ...[...this.#blobs].map((digest) => `${below}/blobs/${digest}`),
      ...this.#sessions,
    ];
  }
}

async function failureOf(removing: () => Promise<Answer>): Promise<string | undefined> {
  try {
    const answer = await removing();
    return GONE.has(answer.status) ? undefined : describe(answer);
  } catch (error) {
    const isUnanswered = error instanceof ClientError && error.failure.code === "NO_ANSWER";
    const reported = isUnanswered ? error : translateClientError(error);
    return reported instanceof Error ? reported.message : String(reported);
  }
}
