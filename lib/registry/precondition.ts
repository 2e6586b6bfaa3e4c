import type { Digest } from "../oci/digest.ts";
import { OciError } from "../oci/errors.ts";
import type { Condition, Key } from "./ports.ts";
import { lastPart, type TagRecord } from "./records.ts";
import type { Registry } from "./registry.ts";

/** What must be true before a manifest or a tag changes: it is not there, it is, or it has one of these digests. */
export type Precondition = "absent" | "present" | readonly Digest[];

/** @throws OciError `PRECONDITION_FAILED` */
export function demand(
  precondition: Precondition | undefined,
  what: string,
  current: Digest | undefined,
): void {
  if (precondition === undefined || holds(precondition, current)) return;
  throw new OciError("PRECONDITION_FAILED", {
    message: `the precondition does not hold: ${what} is ${current ?? "not there"}`,
    detail: { name: what, digest: current ?? null },
  });
}

function holds(precondition: Precondition, current: Digest | undefined): boolean {
  if (precondition === "absent") return current === undefined;
  if (precondition === "present") return current !== undefined;
  return current !== undefined && precondition.includes(current);
}

/**
 * The condition under which a tag may change: it still is what it was when the precondition held.
 * @throws OciError `PRECONDITION_FAILED`
 */
export async function tagCondition(
  registry: Registry,
  key: Key<TagRecord>,
  precondition: Precondition | undefined,
): Promise<Condition<TagRecord> | undefined> {
  if (precondition === undefined) return undefined;
  const current = (await registry.records.get(key))?.digest;
  demand(precondition, lastPart(key), current);
  return current === undefined ? "absent" : { where: { digest: current } };
}
