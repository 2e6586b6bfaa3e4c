import { SignatureV4 } from "@smithy/signature-v4";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Sha256 } from "../../lib/auth/aws/sha256.ts";
import { Signer } from "../../lib/storage/dynamodb/signer.ts";

const TEXT = fc
  .string({ minLength: 1, unit: "grapheme-ascii" })
  .map((text) => text.trim().replace(/ +/g, " ") || "a");

const SIGNINGS = fc.record({
  body: fc.string({ unit: "binary" }).map((text) => text.toWellFormed()),
  host: fc.domain(),
  target: TEXT,
  region: fc.constantFrom("eu-central-1", "us-east-1", "cn-north-1"),
  now: fc.date({ min: new Date("2020-01-01"), max: new Date("2099-12-31"), noInvalidDate: true }),
  secretAccessKey: fc.constantFrom("a secret", "another"),
  sessionToken: fc.option(fc.base64String({ minLength: 4 }), { nil: undefined }),
});

describe("a signed request", () => {
  const own = new Signer();

  it("has the same signature as the SDK's signer", async () => {
    await fc.assert(
      fc.asyncProperty(
        SIGNINGS,
        async ({ body, host, target, region, now, secretAccessKey, sessionToken }) => {
          const credentials = { accessKeyId: "AKIDEXAMPLE", secretAccessKey };
          const full = sessionToken === undefined ? credentials : { ...credentials, sessionToken };
          const headers = { host, "content-type": "application/x-amz-json-1.0", "x-amz-target": target };
          const signed = own.signPost(headers, body, { credentials: full, region, service: "dynamodb", now });
          const signer = new SignatureV4({
            ...{ credentials: full, region, service: "dynamodb" },
            ...{ sha256: Sha256, applyChecksum: false },
          });
          const request = { method: "POST", protocol: "https:", hostname: host, path: "/", headers, body };
          const expected = await signer.sign(request, { signingDate: now });
          expect(signed).toEqual(expected.headers);
        },
      ),
    );
  });
});
