import { describe, expect, it } from "vitest";
import { removeAccount, rotateAccount } from "../../../lib/auth/accounts/manage-accounts.ts";
import { basic } from "./access-lab.ts";
import { newTokensLab, OPENS, SCOPE, statusWith } from "./tokens-lab.ts";

const HOUR = 3600;
const DAY = 24 * HOUR;

describe("a secret", () => {
  it("that is removed gets no token any more, and its tokens end within their lifetime", async () => {
    const { lab, alice } = await newTokensLab();
    const token = await lab.token("alice", alice, SCOPE);
    await removeAccount(lab.memory.records, "user", "alice");
    lab.settle();
    await expect(lab.token("alice", alice)).rejects.toThrow("401");
    expect(await statusWith(lab, token)).toBe(OPENS);
    lab.memory.clock.advance(300);
    expect(await statusWith(lab, token)).toBe(401);
  });

  it("that is rotated is good for as long as was said, and the new one at once", async () => {
    const { lab, alice } = await newTokensLab();
    const now = lab.memory.clock.now();
    const options = { keep: 60_000, expires: undefined };
    const { secret } = await rotateAccount(lab.memory.records, "user", "alice", options, now);
    lab.settle();
    await lab.token("alice", alice);
    await lab.token("alice", secret);
    lab.memory.clock.advance(60);
    await expect(lab.token("alice", alice)).rejects.toThrow("401");
    await lab.token("alice", secret);
  });

  it("that expires is good until then", async () => {
    const { lab } = await newTokensLab();
    const secret = await lab.addUser("bob", { expires: DAY * 1000 });
    lab.memory.clock.advance(DAY - 10);
    await lab.token("bob", secret);
    lab.memory.clock.advance(10);
    await expect(lab.token("bob", secret)).rejects.toThrow("401");
  });

  it("is only ever stored as a hash", async () => {
    const { lab, alice } = await newTokensLab();
    const all = await lab.memory.records.query({ partition: "access", sort: "" }, { limit: 100 });
    expect(JSON.stringify(all)).toContain("$scrypt$ln=15,r=8,p=3$");
    expect(JSON.stringify(all)).not.toContain(alice.slice(-24));
  });

  it("takes as long to be refused for an unknown name as for a known one", async () => {
    const { lab } = await newTokensLab();
    const time = async (name: string) => {
      const begun = performance.now();
      const secret = `dockless_${"a".repeat(30)}`;
      await lab.send("GET", "/token", { authorization: basic(name, secret) });
      return performance.now() - begun;
    };
    const times = { alice: Number.POSITIVE_INFINITY, nobody: Number.POSITIVE_INFINITY };
    for (let round = 0; round < 4; round++) {
      times.alice = Math.min(times.alice, await time("alice"));
      times.nobody = Math.min(times.nobody, await time("nobody"));
    }
    expect(times.nobody / times.alice).toBeGreaterThan(0.5);
    expect(times.nobody / times.alice).toBeLessThan(2);
  });
});
