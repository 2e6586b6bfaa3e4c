import { expect, it } from "vitest";
import { SecretsBusyError, SecretVerifier } from "../../lib/auth/accounts/secret-verifier.ts";
import { generateSecret, hashSecret } from "../../lib/auth/accounts/secrets.ts";

it("verifies secrets up to its limits of running and waiting ones, and rejects more", async () => {
  const { secret } = generateSecret();
  const hash = await hashSecret(secret, Buffer.alloc(16, 7));
  const verifier = new SecretVerifier({ maxRunning: 1, maxWaiting: 1 });
  const outcomes = await Promise.allSettled([
    verifier.verify(secret, hash),
    verifier.verify(`${secret}x`, hash),
    verifier.verify(secret, hash),
  ]);
  expect(outcomes).toEqual([
    { status: "fulfilled", value: true },
    { status: "fulfilled", value: false },
    { status: "rejected", reason: expect.any(SecretsBusyError) },
  ]);
  expect(await verifier.verify(secret, hash)).toBe(true);
});
