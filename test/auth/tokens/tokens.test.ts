import { beforeEach, describe, expect, it } from "vitest";
import { TokenKeys } from "../../../lib/auth/tokens/token-keys.ts";
import {
  ACCESS_TOKEN_TYPE,
  REFRESH_TOKEN_TYPE,
  TOKEN_GRACE_SECONDS,
  Tokens,
} from "../../../lib/auth/tokens/tokens.ts";
import { clocksOf, createMemoryRegistry, type MemoryRegistry } from "../../support/memory.ts";

const HOST = "registry.example";

let memory: MemoryRegistry;
let tokens: Tokens;
beforeEach(() => {
  memory = createMemoryRegistry();
  tokens = newTokens();
});

function newTokens(): Tokens {
  const keys = new TokenKeys({ records: memory.records, ...clocksOf(memory.clock) });
  return new Tokens(keys, () => memory.clock.now());
}

const seconds = () => memory.clock.now().getTime() / 1000;

async function sign(claims: object, typ = ACCESS_TOKEN_TYPE): Promise<string> {
  return await tokens.sign(typ, {
    host: HOST,
    exp: seconds() + 300,
    sub: "user:alice",
    access: [],
    ...claims,
  });
}

describe("verification of an access token", () => {
  it("returns the signed claims", async () => {
    const access = [{ type: "repository", name: "acme/app", actions: ["pull", "push"] }];
    const claims = { host: HOST, sub: "user:alice", exp: seconds() + 300, access };
    expect(await tokens.verifyAccess(await sign({ access }), HOST)).toEqual(claims);
  });

  it("returns the catalog only when it was signed, without invalid grantees", async () => {
    expect(await tokens.verifyAccess(await sign({}), HOST)).not.toHaveProperty("catalog");
    const catalog = ["user:alice", "unknown", 1, "anonymous"];
    const claims = await tokens.verifyAccess(await sign({ catalog }), HOST);
    expect(claims.catalog).toEqual(["user:alice", "anonymous"]);
  });

  it.each<unknown>([
    null,
    "text",
    { name: "acme/app", actions: ["pull"] },
    { type: "registry", name: "acme/app", actions: ["pull"] },
    { type: "repository", name: "ACME", actions: ["pull"] },
    { type: "repository", name: 1, actions: ["pull"] },
    { type: "repository", name: "acme/app", actions: "pull" },
    { type: "repository", name: "acme/app", actions: ["pull", "own"] },
  ])("ignores the access entry %j", async (item) => {
    expect((await tokens.verifyAccess(await sign({ access: [item] }), HOST)).access).toEqual([]);
  });

  it.each([undefined, null, "text", {}])("rejects the access claim %j", async (access) => {
    await expect(tokens.verifyAccess(await sign({ access }), HOST)).rejects.toThrow("lacks required claims");
  });

  it("rejects another host", async () => {
    const verified = tokens.verifyAccess(await sign({}), "other.example");
    await expect(verified).rejects.toThrow("the token is for registry.example");
  });

  it("rejects another token type", async () => {
    const token = await sign({}, REFRESH_TOKEN_TYPE);
    await expect(tokens.verifyAccess(token, HOST)).rejects.toThrow("token verification failed");
    expect((await tokens.verify(REFRESH_TOKEN_TYPE, token)).sub).toBe("user:alice");
  });

  it("fails after the lifetime, or after the grace period, cached or not", async () => {
    const token = await sign({});
    memory.clock.advance(299);
    await tokens.verifyAccess(token, HOST);
    memory.clock.advance(1);
    await expect(tokens.verifyAccess(token, HOST)).rejects.toThrow("the token has expired");
    memory.clock.advance(TOKEN_GRACE_SECONDS - 1);
    await tokens.verifyAccess(token, HOST, TOKEN_GRACE_SECONDS);
    await newTokens().verifyAccess(token, HOST, TOKEN_GRACE_SECONDS);
    memory.clock.advance(1);
    await expect(tokens.verifyAccess(token, HOST, TOKEN_GRACE_SECONDS)).rejects.toThrow(
      "the token has expired",
    );
    await expect(newTokens().verifyAccess(token, HOST, TOKEN_GRACE_SECONDS)).rejects.toThrow(
      "token verification failed",
    );
  });

  it.each([
    ["not a token", "the token is malformed"],
    ["a.b.c", "the token is malformed"],
    ["x".repeat(64 * 1024), "the token is malformed"],
    ["x".repeat(64 * 1024 + 1), "the token is too long"],
  ])("rejects a malformed token (%#)", async (text, message) => {
    await expect(tokens.verifyAccess(text, HOST)).rejects.toThrow(message);
  });
});
