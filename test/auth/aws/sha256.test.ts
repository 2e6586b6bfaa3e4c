import { createHash, createHmac } from "node:crypto";
import { describe, expect, it } from "vitest";
import { Sha256 } from "../../../lib/auth/aws/sha256.ts";

const BYTES = Buffer.from("some bytes");
const FORMS: readonly [string, () => string | ArrayBuffer | ArrayBufferView][] = [
  ["a string", () => BYTES.toString()],
  ["bytes", () => Uint8Array.from(BYTES)],
  [
    "a view of a part of a buffer",
    () => new DataView(Uint8Array.from(Buffer.concat([Buffer.of(1), BYTES])).buffer, 1),
  ],
  ["a whole buffer", () => Uint8Array.from(BYTES).buffer],
];

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");

describe("Sha256", () => {
  it.each(FORMS)("hashes %s", async (_, form) => {
    const hash = new Sha256();
    hash.update(form());
    expect(hex(await hash.digest())).toBe(createHash("sha256").update(BYTES).digest("hex"));
  });

  it.each(FORMS)("accepts %s as its secret", async (_, form) => {
    const hash = new Sha256(form());
    hash.update("data");
    expect(hex(await hash.digest())).toBe(createHmac("sha256", BYTES).update("data").digest("hex"));
  });

  it("starts again with the same secret after a reset", async () => {
    const hash = new Sha256(BYTES);
    hash.update("other");
    hash.reset();
    hash.update("data");
    expect(hex(await hash.digest())).toBe(createHmac("sha256", BYTES).update("data").digest("hex"));
  });
});
