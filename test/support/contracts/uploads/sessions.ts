import { randomUUID } from "node:crypto";
import { describe, expect, it } from "vitest";
import type { Algorithm } from "../../../../lib/oci/digest.ts";
import { blob, bodyOf, digestOf, noise } from "../../content.ts";
import { ociError } from "../../errors.ts";
import { splitBytes } from "../blobs-contract.ts";
import type { UploadsContext } from "./uploads-context.ts";

/** Sessions that are committed. */
export function uploadSessions(context: UploadsContext): void {
  describe("a session", () => {
    it("is initially empty", async () => {
      const id = randomUUID();
      expect(await context.uploads.begin(id, "sha512")).toMatchObject({ id, algorithm: "sha512", size: 0 });
    });

    it("counts its bytes", async () => {
      const first = await context.append(await context.begin(), "abc", "de");
      expect(first.size).toBe(5);
      expect((await context.append(first, "f")).size).toBe(6);
      expect((await context.append(first, "")).size).toBe(5);
      expect((await context.append(first)).size).toBe(5);
    });

    it.each<[string, readonly string[]]>([
      ["one chunk", ["in one chunk"]],
      ["several chunks", ["in ", "several", " chunks"]],
      ["chunks of which some are empty", ["", "some ", "", "are empty", ""]],
    ])("becomes a blob from %s", async (_, chunks) => {
      const content = blob(chunks.join(""));
      const staged = await context.upload(...chunks);
      await context.expectMissing(content);
      await context.uploads.commit(staged, content.digest);
      await context.expectStored(content);
    });

    it("becomes an empty blob when its only chunk is empty", async () => {
      await context.uploads.commit(await context.upload(""), blob("").digest);
      await context.expectStored(blob(""));
    });

    it("becomes a large blob from small and large chunks", async () => {
      const bytes = noise(context.large * 2, 11);
      const cuts = [
        0,
        1,
        70_000,
        context.large,
        context.large + 1,
        context.large + 100_000,
        context.large * 2,
      ];
      const chunks = cuts.slice(1).map((cut, index) => bytes.subarray(cuts[index], cut));
      let staged = await context.begin();
      for (const chunk of chunks) staged = await context.append(staged, ...splitBytes(chunk, 65_521));
      await context.uploads.commit(staged, digestOf(bytes));
      await context.expectStored({ bytes, digest: digestOf(bytes), mediaType: "" });
    });

    it.each<[Algorithm, Algorithm]>([
      ["sha256", "sha256"],
      ["sha512", "sha512"],
      ["sha256", "sha512"],
      ["sha512", "sha256"],
    ])("started for %s can be committed by its %s digest", async (announced, used) => {
      const content = blob(`begun for ${announced}, used ${used}`, used);
      const staged = await context.append(
        await context.append(await context.begin(announced), content.bytes.subarray(0, 7)),
        content.bytes.subarray(7),
      );
      await context.uploads.commit(staged, content.digest);
      await context.expectStored(content);
    });

    it("can become a blob that is already stored", async () => {
      const content = blob("stored before by a session");
      await context.uploads.commit(await context.upload(content.bytes), content.digest);
      await context.uploads.commit(await context.upload(content.bytes), content.digest);
      await context.expectStored(content);
    });

    it("is isolated from other sessions", async () => {
      let [first, second] = [await context.begin(), await context.begin()];
      first = await context.append(first, "first ");
      second = await context.append(second, "second ");
      first = await context.append(first, "session");
      second = await context.append(second, "session");
      await context.uploads.commit(second, blob("second session").digest);
      await context.uploads.commit(first, blob("first session").digest);
      await context.expectStored(blob("first session"));
      await context.expectStored(blob("second session"));
    });

    it("continues in another instance of the store", async () => {
      const content = blob("before the restart, after the restart", "sha512");
      let staged = await context.append(await context.begin("sha512"), content.bytes.subarray(0, 18));
      await context.reopen();
      staged = await context.append(staged, content.bytes.subarray(18));
      await context.reopen();
      await context.uploads.commit(staged, content.digest);
      await context.expectStored(content);
    });
  });

  describe("a session whose bytes do not match the digest", () => {
    it("does not become a blob", async () => {
      const content = blob("promised to a session");
      const staged = await context.upload("something else");
      await expect(context.uploads.commit(staged, content.digest)).rejects.toThrow(
        ociError("DIGEST_INVALID", 400),
      );
      await context.expectMissing(content);
      await context.expectMissing(blob("something else"));
    });

    it("does not change a blob that is already stored", async () => {
      const content = blob("stored before a wrong session");
      await context.blobs.put(content.digest, bodyOf(content.bytes));
      const wrong = context.uploads.commit(await context.upload("wrong"), content.digest);
      await expect(wrong).rejects.toThrow(ociError("DIGEST_INVALID"));
      await context.expectStored(content);
    });
  });
}
