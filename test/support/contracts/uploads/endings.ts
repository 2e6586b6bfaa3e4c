import { describe, expect, it } from "vitest";
import { type StagedUpload, UploadBusyError } from "../../../../lib/ports/upload-store.ts";
import { blob, bodyOf } from "../../content.ts";
import { ociError } from "../../errors.ts";
import type { UploadsContext } from "./uploads-context.ts";

/** Ends of a session other than a commit, and concurrent ends. */
export function uploadEndings(context: UploadsContext): void {
  describe("a discarded session", () => {
    it("cannot be committed", async () => {
      const content = blob("discarded");
      const staged = await context.upload(content.bytes);
      await context.uploads.discard(staged);
      await expect(context.uploads.commit(staged, content.digest)).rejects.toThrow(
        ociError("BLOB_UPLOAD_UNKNOWN", 404),
      );
      await context.expectMissing(content);
    });

    it("rejects further chunks", async () => {
      const staged = await context.upload("discarded before another chunk");
      await context.uploads.discard(staged);
      const longer = context.uploads.append(staged, bodyOf(", which is this"));
      await expect(longer).rejects.toThrow(ociError("BLOB_UPLOAD_UNKNOWN", 404));
    });

    it("can be discarded again, without any bytes, and after it was committed", async () => {
      const staged = await context.upload("discarded twice");
      await context.uploads.discard(staged);
      await context.uploads.discard(staged);
      await context.uploads.discard(await context.begin());
      const content = blob("discarded late");
      const closed = await context.upload(content.bytes);
      await context.uploads.commit(closed, content.digest);
      await context.uploads.discard(closed);
      await context.expectStored(content);
    });

    it("during a commit becomes either the complete blob or no blob", async () => {
      for (let round = 0; round < 20; round++) {
        const content = blob(`closed and discarded at once, ${round}`, round % 2 === 0 ? "sha256" : "sha512");
        const staged = await context.upload(content.bytes);
        const closing = context.uploads.commit(staged, content.digest).then(
          () => "stored",
          (error: unknown) => error,
        );
        await new Promise((resolve) => setTimeout(resolve, round % 4 === 0 ? 0 : round / 10));
        await context.uploads.discard(staged);
        const outcome = await closing;
        if (outcome !== "stored") expect(outcome).toMatchObject({ code: "BLOB_UPLOAD_UNKNOWN" });
        if (outcome === "stored") await context.expectStored(content);
        else await context.expectMissing(content);
      }
    });

    it("does not delete a blob that is already stored, even during its commit", async () => {
      const content = blob("stored, then closed and discarded at once");
      await context.blobs.put(content.digest, bodyOf(content.bytes));
      for (let round = 0; round < 20; round++) {
        const staged = await context.upload(content.bytes);
        const closing = context.uploads.commit(staged, content.digest).catch(() => undefined);
        await Promise.all([closing, context.uploads.discard(staged)]);
        await context.expectStored(content);
      }
    });
  });

  describe("a committed session whose response was lost", () => {
    it("can be committed again", async () => {
      const content = blob("closed, and closed again");
      const staged = await context.upload(content.bytes);
      await context.uploads.commit(staged, content.digest);
      await context.uploads.commit(staged, content.digest);
      await context.expectStored(content);
      await context.uploads.discard(staged);
      await context.expectStored(content);
    });

    it("appends another chunk to all previous bytes, or rejects it", async () => {
      const [first, both] = [blob("closed, and then"), blob("closed, and then longer")];
      const staged = await context.upload(first.bytes);
      await context.uploads.commit(staged, first.digest);
      await context.blobs.put(both.digest, bodyOf(both.bytes));
      const longer = await context.append(staged, " longer").catch((error: unknown) => error);
      if (longer instanceof Error) expect(longer).toMatchObject({ code: "BLOB_UPLOAD_UNKNOWN" });
      else await context.uploads.commit(longer as StagedUpload, both.digest);
      await context.expectStored(first);
      await context.expectStored(both);
    });
  });

  describe("a session that is committed twice concurrently", () => {
    it("becomes the blob once, and the other call fails as unknown or busy", async () => {
      const content = blob("closed twice at once");
      const staged = await context.upload(content.bytes);
      const closings = ["a", "b"].map(() => context.uploads.commit(staged, content.digest));
      const outcomes = await Promise.allSettled(closings);
      expect(outcomes.map(({ status }) => status)).toContain("fulfilled");
      await context.expectStored(content);
      for (const outcome of outcomes) {
        if (outcome.status === "rejected") expectGone(outcome.reason);
      }
    });
  });
}

function expectGone(error: unknown): void {
  if (error instanceof UploadBusyError) return;
  expect(error).toMatchObject({ name: "OciError", code: "BLOB_UPLOAD_UNKNOWN" });
}
