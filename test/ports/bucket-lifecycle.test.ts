import { expect, it } from "vitest";
import { BUCKET_LIFECYCLE_RULES } from "../../lib/ports/bucket-lifecycle.ts";
import { blobName, uploadName } from "../../lib/ports/object-names.ts";
import { UPLOAD_LIFETIME_SECONDS } from "../../lib/registry/uploads.ts";
import { digestOf } from "../support/content.ts";

const DAY_SECONDS = 86_400;

it.each(BUCKET_LIFECYCLE_RULES)("$id waits longer than the lifetime of an upload session", (rule) => {
  const days = [rule.abortUploadsAfterDays, rule.expireAfterDays].filter((value) => value !== undefined);
  expect(days).toHaveLength(1);
  // S3 rounds up to the next midnight.
  for (const value of days) expect(value * DAY_SECONDS).toBeGreaterThan(UPLOAD_LIFETIME_SECONDS);
});

it("deletes staged bytes, and no blob", () => {
  const expiring = BUCKET_LIFECYCLE_RULES.filter(({ expireAfterDays }) => expireAfterDays !== undefined);
  const deletes = (name: string) => expiring.some(({ prefix }) => name.startsWith(prefix));
  expect(deletes(blobName(digestOf(Buffer.from("blob"))))).toBe(false);
  expect(deletes(`${uploadName("session")}/piece`)).toBe(true);
});
