import { describe, expect, it } from "vitest";
import { UploadBusyError } from "../../../../lib/ports/upload-store.ts";
import { blob, noise } from "../../content.ts";
import { interruptedBody } from "../blobs-contract.ts";
import type { UploadsContext } from "./uploads-context.ts";

/** State of a session after an interrupted chunk. */
export function interruptedUploads(context: UploadsContext): void {
  describe("an interrupted chunk", () => {
    it.each<[string, number]>([
      ["at once", 0],
      ["after some bytes", 10],
      ["after many bytes", context.large],
    ])("%s does not change the session, and its error is thrown", async (name, length) => {
      const staged = await context.upload(`whole, before one that broke off ${name}`);
      const broken = context.uploads.append(staged, interruptedBody(noise(length, 12)));
      await expect(broken).rejects.toThrow("the client has gone");
      const content = blob(`whole, before one that broke off ${name}, and after`);
      await context.uploads.commit(await context.append(staged, ", and after"), content.digest);
      await context.expectStored(content);
    });

    it.each<[string, number]>([
      ["some", 10],
      ["many", context.large],
    ])("after %s bytes adds no bytes to a session that is then committed", async (name, length) => {
      const content = blob(`closed without the ${name} bytes of the chunk that broke off`);
      const staged = await context.upload(content.bytes);
      const broken = context.uploads.append(staged, interruptedBody(noise(length, 13)));
      await expect(broken).rejects.toThrow("the client has gone");
      await context.uploads.commit(staged, content.digest);
      await context.expectStored(content);
    });

    it("may be the first chunk, even when the session continues in another instance", async () => {
      const staged = await context.begin();
      const broken = context.uploads.append(staged, interruptedBody(noise(1000, 14)));
      await expect(broken).rejects.toThrow("the client has gone");
      await context.reopen();
      const content = blob("sent again elsewhere");
      await context.uploads.commit(await context.append(staged, content.bytes), content.digest);
      await context.expectStored(content);
    });
  });

  /** Simulates a crash between the store's result and the update of the record: the caller has only the previous state. */
  describe("a chunk that was stored but not recorded", () => {
    it("can be retried", async () => {
      const before = await context.upload("recorded, ");
      await context.append(before, "lost, and longer than what comes");
      const content = blob("recorded, sent again");
      await context.uploads.commit(await context.append(before, "sent again"), content.digest);
      await context.expectStored(content);
    });

    it("can be retried with other bytes of the same length in another instance", async () => {
      const before = await context.upload("recorded; ");
      await context.append(before, "aaaa");
      await context.reopen();
      const content = blob("recorded; bbbb");
      await context.uploads.commit(await context.append(before, "bbbb"), content.digest);
      await context.expectStored(content);
    });

    it("is not part of a session that is committed without it", async () => {
      const content = blob("all that was recorded");
      const before = await context.upload(content.bytes);
      await context.append(before, ", and what was not");
      await context.uploads.commit(before, content.digest);
      await context.expectStored(content);
    });

    it("is not part of a session that is committed without it in another instance", async () => {
      const content = blob("all that was recorded here");
      const before = await context.upload(content.bytes);
      await context.append(before, ", and what was not");
      await context.reopen();
      await context.uploads.commit(before, content.digest);
      await context.expectStored(content);
    });
  });

  describe("two concurrent chunks", () => {
    it("do not mix: one is appended, and the other is rejected as busy or continues an earlier state of the session", async () => {
      const staged = await context.upload("two at once: ");
      const chunks = ["first", "other"];
      const outcomes = await Promise.allSettled(
        chunks.map((chunk) =>
          context.uploads.runExclusively(staged.id, "append", () => context.append(staged, chunk)),
        ),
      );
      const states = outcomes.flatMap((outcome, index) => {
        if (outcome.status === "fulfilled") return [{ state: outcome.value, chunk: chunks[index] ?? "" }];
        expect(outcome.reason).toBeInstanceOf(UploadBusyError);
        return [];
      });
      const [won] = states;
      if (won === undefined) throw new Error("neither chunk was appended");
      const content = blob(`two at once: ${won.chunk}`);
      await context.uploads.commit(won.state, content.digest);
      await context.expectStored(content);
    });
  });
}
