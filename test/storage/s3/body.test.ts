import { Readable } from "node:stream";
import type { GetObjectCommandOutput } from "@aws-sdk/client-s3";
import { describe, expect, it } from "vitest";
import { StorageUnavailableError } from "../../../lib/ports/storage-errors.ts";
import { objectBody } from "../../../lib/storage/s3/body.ts";
import { collect } from "../../support/content.ts";

const outputOf = (Body: unknown) => ({ Body, $metadata: {} }) as GetObjectCommandOutput;

/** Fails after its first bytes. */
function failing(error: Error): Readable {
  async function* bytes() {
    yield Buffer.from("first");
    throw error;
  }
  return Readable.from(bytes());
}

describe("the body of an object", () => {
  it("is read to its end", async () => {
    const body = objectBody(outputOf(Readable.from([Buffer.from("a"), Buffer.from("b")])));
    expect(Buffer.from(await collect(body)).toString()).toBe("ab");
  });

  it("that is interrupted fails as an outage", async () => {
    const reset = Object.assign(new Error("reset"), { code: "ECONNRESET" });
    const error = await collect(objectBody(outputOf(failing(reset)))).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(StorageUnavailableError);
    expect(error).toMatchObject({ cause: reset });
  });

  it("passes on other failures unchanged", async () => {
    const error = new Error("checksum mismatch");
    await expect(collect(objectBody(outputOf(failing(error))))).rejects.toBe(error);
  });

  it("may fail unread without ending the process", async () => {
    const body = objectBody(outputOf(failing(new Error("reset"))));
    await new Promise((resolve) => body.once("close", resolve));
    expect(body.errored).toBeInstanceOf(Error);
  });

  it("can be destroyed with an error before it is read", async () => {
    const body = objectBody(outputOf(Readable.from([Buffer.from("received")])));
    await new Promise((resolve) => body.once("finish", () => setImmediate(resolve)));
    body.destroy(new Error("the client has gone"));
    await new Promise((resolve) => body.once("close", resolve));
    expect(body.errored).toMatchObject({ message: "the client has gone" });
  });

  it.each([undefined, "text"])("is required: %s", (body) => {
    expect(() => objectBody(outputOf(body))).toThrow("the S3 response has no body");
  });
});
