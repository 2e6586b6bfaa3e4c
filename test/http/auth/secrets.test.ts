import crypto from "node:crypto";
import { syncBuiltinESMExports } from "node:module";
import { afterEach, describe, expect, it, vi } from "vitest";
import { removeAccount, rotateAccount } from "../../../lib/auth/accounts/manage-accounts.ts";
import { basic } from "./access-context.ts";
import { createTokensContext, OPENS, SCOPE, statusWith } from "./tokens-context.ts";

const HOUR = 3600;
const DAY = 24 * HOUR;

describe("a secret", () => {
  afterEach(() => {
    vi.restoreAllMocks();
    syncBuiltinESMExports();
  });

  it("is rejected after its account is removed, while tokens issued for it remain valid until they expire", async () => {
    const { context, alice } = await createTokensContext();
    const token = await context.token("alice", alice, SCOPE);
    await removeAccount(context.memory.records, "user", "alice");
    context.settle();
    await expect(context.token("alice", alice)).rejects.toThrow("401");
    expect(await statusWith(context, token)).toBe(OPENS);
    context.memory.clock.advance(300);
    expect(await statusWith(context, token)).toBe(401);
  });

  it("remains valid for the grace period after rotation, and its replacement is valid immediately", async () => {
    const { context, alice } = await createTokensContext();
    const now = context.memory.clock.now();
    const options = { keep: 60_000, expires: undefined };
    const { secret } = await rotateAccount(context.memory.records, "user", "alice", options, now);
    context.settle();
    await context.token("alice", alice);
    await context.token("alice", secret);
    context.memory.clock.advance(60);
    await expect(context.token("alice", alice)).rejects.toThrow("401");
    await context.token("alice", secret);
  });

  it("is valid until it expires", async () => {
    const { context } = await createTokensContext();
    const secret = await context.addUser("bob", { expires: DAY * 1000 });
    context.memory.clock.advance(DAY - 10);
    await context.token("bob", secret);
    context.memory.clock.advance(10);
    await expect(context.token("bob", secret)).rejects.toThrow("401");
  });

  it("is stored only as a hash", async () => {
    const { context, alice } = await createTokensContext();
    const all = await context.memory.records.query({ partition: "access", sort: "" }, { limit: 100 });
    expect(JSON.stringify(all)).toContain("$hmac-sha256$");
    expect(JSON.stringify(all)).not.toContain(alice.slice(-24));
  });

  it.each([
    { title: "an unknown name", username: "unknown", secretOf: () => `dockless_${"a".repeat(30)}` },
    { title: "an unknown secret of a user", username: "alice", secretOf: () => `dockless_${"a".repeat(30)}` },
    {
      title: "a wrong secret with a known id",
      username: "alice",
      secretOf: (alice: string) => alice.slice(0, -24) + "a".repeat(24),
    },
    { title: "another user's secret", username: "bob", secretOf: (alice: string) => alice },
  ])("is rejected after one comparison of hashes: $title", async ({ username, secretOf }) => {
    const { context, alice } = await createTokensContext();
    await context.addUser("bob");
    const compare = spyOnComparison();
    const { status } = await context.send("GET", "/token", {
      authorization: basic(username, secretOf(alice)),
    });
    expect(status).toBe(401);
    expect(compare.mock.calls.map(([one, other]) => [one.byteLength, other.byteLength])).toEqual([[32, 32]]);
  });
});

/** Spies on the constant-time comparison without replacing it. Measured times would depend on the machine and its load. */
function spyOnComparison() {
  const compare = vi.spyOn(crypto, "timingSafeEqual");
  syncBuiltinESMExports();
  return compare;
}
