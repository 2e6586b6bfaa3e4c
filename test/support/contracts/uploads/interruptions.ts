import { describe, expect, it } from "vitest";
import { UploadBusyError } from "../../../../lib/ports/upload-store.ts";
import { blob, noise } from "../../content.ts";
import { interruptedBody } from "../blobs-contract.ts";
import type { UploadsLab } from "./lab.ts";

/** State of a session after an interrupted chunk. */
export function interruptedUploads(lab: UploadsLab): void {
  describe("an interrupted chunk", () => {
    it.each<[string, number]>([
      ["at once", 0],
      ["after some bytes", 10],
      ["after many bytes", lab.large],
    ])("%s does not change the session, and its error is thrown", async (name, length) => {
      const staged = await lab.upload(`whole, before one that broke off ${name}`);
      const broken = lab.uploads.append(staged, interruptedBody(noise(length, 12)));
      await expect(broken).rejects.toThrow("the client has gone");
      const content = blob(`whole, before one that broke off ${name}, and after`);
      await lab.uploads.commit(await lab.append(staged, ", and after"), content.digest);
      await lab.expectStored(content);
    });

    it.each<[string, number]>([
      ["some", 10],
      ["many", lab.large],
    ])("after %s bytes adds none of them to a session that is committed next", async (name, length) => {
      const content = blob(`closed without the ${name} bytes of the chunk that broke off`);
      const staged = await lab.upload(content.bytes);
      const broken = lab.uploads.append(staged, interruptedBody(noise(length, 13)));
      await expect(broken).rejects.toThrow("the client has gone");
      await lab.uploads.commit(staged, content.digest);
      await lab.expectStored(content);
    });

    it("can be the first, even when the session continues in another instance", async () => {
      const staged = await lab.begin();
      const broken = lab.uploads.append(staged, interruptedBody(noise(1000, 14)));
      await expect(broken).rejects.toThrow("the client has gone");
      await lab.reopen();
      const content = blob("sent again elsewhere");
      await lab.uploads.commit(await lab.append(staged, content.bytes), content.digest);
      await lab.expectStored(content);
    });
  });

  /** Simulates a crash between the store's result and the update of the record: the caller has only the previous state. */
  describe("a chunk that was stored but not recorded", () => {
    it("can be sent again", async () => {
      const before = await lab.upload("recorded, ");
      await lab.append(before, "lost, and longer than what comes");
      const content = blob("recorded, sent again");
      await lab.uploads.commit(await lab.append(before, "sent again"), content.digest);
      await lab.expectStored(content);
    });

    it("can be sent again, with other bytes of the same length, in another instance", async () => {
      const before = await lab.upload("recorded; ");
      await lab.append(before, "aaaa");
      await lab.reopen();
      const content = blob("recorded; bbbb");
      await lab.uploads.commit(await lab.append(before, "bbbb"), content.digest);
      await lab.expectStored(content);
    });

    it("is not part of a session that is committed without it", async () => {
      const content = blob("all that was recorded");
      const before = await lab.upload(content.bytes);
      await lab.append(before, ", and what was not");
      await lab.uploads.commit(before, content.digest);
      await lab.expectStored(content);
    });

    it("is not part of a session that is committed without it in another instance", async () => {
      const content = blob("all that was recorded here");
      const before = await lab.upload(content.bytes);
      await lab.append(before, ", and what was not");
      await lab.reopen();
      await lab.uploads.commit(before, content.digest);
      await lab.expectStored(content);
    });
  });

  describe("two concurrent chunks", () => {
    it("do not mix: one is appended, and the other is rejected as busy or belongs to another state of the session", async () => {
      const staged = await lab.upload("two at once: ");
      const chunks = ["first", "other"];
      const outcomes = await Promise.allSettled(
        chunks.map((chunk) =>
          lab.uploads.runExclusively(staged.id, "append", () => lab.append(staged, chunk)),
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
      await lab.uploads.commit(won.state, content.digest);
      await lab.expectStored(content);
    });
  });
}
