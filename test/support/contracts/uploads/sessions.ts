import { randomUUID } from "node:crypto";
import { describe, expect, it } from "vitest";
import type { Algorithm } from "../../../../lib/oci/digest.ts";
import { blob, bodyOf, digestOf, noise } from "../../content.ts";
import { ociError } from "../../errors.ts";
import { inPieces } from "../blobs-contract.ts";
import type { UploadsLab } from "./lab.ts";

/** Sessions that are committed. */
export function uploadSessions(lab: UploadsLab): void {
  describe("a session", () => {
    it("is initially empty", async () => {
      const id = randomUUID();
      expect(await lab.uploads.begin(id, "sha512")).toMatchObject({ id, algorithm: "sha512", size: 0 });
    });

    it("counts its bytes", async () => {
      const first = await lab.append(await lab.begin(), "abc", "de");
      expect(first.size).toBe(5);
      expect((await lab.append(first, "f")).size).toBe(6);
      expect((await lab.append(first, "")).size).toBe(5);
      expect((await lab.append(first)).size).toBe(5);
    });

    it.each<[string, readonly string[]]>([
      ["one chunk", ["in one chunk"]],
      ["several chunks", ["in ", "several", " chunks"]],
      ["chunks of which some are empty", ["", "some ", "", "are empty", ""]],
    ])("becomes a blob from %s", async (_, chunks) => {
      const content = blob(chunks.join(""));
      const staged = await lab.upload(...chunks);
      await lab.expectMissing(content);
      await lab.uploads.commit(staged, content.digest);
      await lab.expectStored(content);
    });

    it("becomes an empty blob when its only chunk is empty", async () => {
      await lab.uploads.commit(await lab.upload(""), blob("").digest);
      await lab.expectStored(blob(""));
    });

    it("becomes a large blob from small and large chunks", async () => {
      const bytes = noise(lab.large * 2, 11);
      const cuts = [0, 1, 70_000, lab.large, lab.large + 1, lab.large + 100_000, lab.large * 2];
      const chunks = cuts.slice(1).map((cut, index) => bytes.subarray(cuts[index], cut));
      let staged = await lab.begin();
      for (const chunk of chunks) staged = await lab.append(staged, ...inPieces(chunk, 65_521));
      await lab.uploads.commit(staged, digestOf(bytes));
      await lab.expectStored({ bytes, digest: digestOf(bytes), mediaType: "" });
    });

    it.each<[Algorithm, Algorithm]>([
      ["sha256", "sha256"],
      ["sha512", "sha512"],
      ["sha256", "sha512"],
      ["sha512", "sha256"],
    ])("started for %s can be committed by its %s digest", async (announced, used) => {
      const content = blob(`begun for ${announced}, used ${used}`, used);
      const staged = await lab.append(
        await lab.append(await lab.begin(announced), content.bytes.subarray(0, 7)),
        content.bytes.subarray(7),
      );
      await lab.uploads.commit(staged, content.digest);
      await lab.expectStored(content);
    });

    it("can become a blob that is already stored", async () => {
      const content = blob("stored before by a session");
      await lab.uploads.commit(await lab.upload(content.bytes), content.digest);
      await lab.uploads.commit(await lab.upload(content.bytes), content.digest);
      await lab.expectStored(content);
    });

    it("is isolated from other sessions", async () => {
      let [first, second] = [await lab.begin(), await lab.begin()];
      first = await lab.append(first, "first ");
      second = await lab.append(second, "second ");
      first = await lab.append(first, "session");
      second = await lab.append(second, "session");
      await lab.uploads.commit(second, blob("second session").digest);
      await lab.uploads.commit(first, blob("first session").digest);
      await lab.expectStored(blob("first session"));
      await lab.expectStored(blob("second session"));
    });

    it("continues in another instance of the store", async () => {
      const content = blob("before the restart, after the restart", "sha512");
      let staged = await lab.append(await lab.begin("sha512"), content.bytes.subarray(0, 18));
      await lab.reopen();
      staged = await lab.append(staged, content.bytes.subarray(18));
      await lab.reopen();
      await lab.uploads.commit(staged, content.digest);
      await lab.expectStored(content);
    });
  });

  describe("a session whose bytes do not match the digest", () => {
    it("does not become a blob", async () => {
      const content = blob("promised to a session");
      const staged = await lab.upload("something else");
      await expect(lab.uploads.commit(staged, content.digest)).rejects.toThrow(
        ociError("DIGEST_INVALID", 400),
      );
      await lab.expectMissing(content);
      await lab.expectMissing(blob("something else"));
    });

    it("does not change a blob that is already stored", async () => {
      const content = blob("stored before a wrong session");
      await lab.blobs.put(content.digest, bodyOf(content.bytes));
      const wrong = lab.uploads.commit(await lab.upload("wrong"), content.digest);
      await expect(wrong).rejects.toThrow(ociError("DIGEST_INVALID"));
      await lab.expectStored(content);
    });
  });
}
