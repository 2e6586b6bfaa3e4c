import { describe, expect, it } from "vitest";
import { replaceKeys } from "../../../lib/auth/tokens/token-keys.ts";
import { AccessContext, basic, bearer } from "./access-context.ts";
import { createTokensContext, OPENS, SCOPE, statusWith } from "./tokens-context.ts";

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

function kidOf(token: string): string {
  return JSON.parse(Buffer.from(token.split(".")[0] ?? "", "base64url").toString()).kid;
}

function forged(kid: string): string {
  const header = JSON.stringify({ alg: "EdDSA", typ: "at+jwt", kid });
  return `${Buffer.from(header).toString("base64url")}.e30.AA`;
}

async function keysOf({ memory }: AccessContext): Promise<readonly string[]> {
  const entries = await memory.records.query({ partition: "keys", sort: "" }, { limit: 10 });
  return entries.map(({ key }) => key.sort);
}

describe("the signing key", () => {
  it("is rotated after 30 days, and every process continues to accept all tokens", async () => {
    const { context, alice } = await createTokensContext();
    const other = context.newApp();
    const kids = new Set<string>();
    let before: string | undefined;
    for (let elapsed = 0; elapsed < 65 * DAY; elapsed += 6 * HOUR) {
      const token = await context.token("alice", alice, SCOPE);
      kids.add(kidOf(token));
      for (const app of [context.app, other]) expect(await statusWith(context, token, app)).toBe(OPENS);
      if (before !== undefined)
        for (const app of [context.app, other]) expect(await statusWith(context, before, app)).toBe(401);
      before = token;
      context.memory.clock.advance(299);
      expect(await statusWith(context, token, other)).toBe(OPENS);
      context.memory.clock.advance(6 * HOUR - 299);
    }
    expect([...kids]).toEqual(["00000001", "00000002", "00000003"]);
    const secrets = await context.memory.records.query({ partition: "secrets", sort: "" }, { limit: 10 });
    expect(secrets.map(({ key }) => key.sort)).toEqual(["token#00000002", "token#00000003"]);
  });

  it("signs only after every process has read it, even one that pauses between reads", async () => {
    const { context, alice } = await createTokensContext();
    const other = context.newApp();
    await context.token("alice", alice, SCOPE);
    context.memory.clock.advance(30 * DAY - 30);
    const kids = new Set<string>();
    for (let elapsed = 0; elapsed < 1300; elapsed += 8) {
      expect(await statusWith(context, forged("unknown"), other)).toBe(401);
      const token = await context.token("alice", alice, SCOPE);
      expect(await statusWith(context, token, other)).toBe(OPENS);
      kids.add(kidOf(token));
      context.memory.clock.advance(8);
    }
    expect([...kids]).toEqual(["00000001", "00000002"]);
  });

  it("verifies refresh tokens for their lifetime of 90 days, even those signed after the next key was created", async () => {
    const { context, alice } = await createTokensContext();
    const other = new AccessContext(context.memory);
    await context.token("alice", alice, SCOPE);
    context.memory.clock.advance(30 * DAY - 1);
    await other.token("alice", alice, SCOPE);
    context.memory.clock.advance(1);
    await context.token("alice", alice, SCOPE);
    expect(await keysOf(context)).toEqual(["token#00000001", "token#00000002"]);

    context.memory.clock.advance(9 * MINUTE);
    const fields = { grant_type: "password", username: "alice", password: alice, access_type: "offline" };
    const { refresh_token } = JSON.parse((await other.post(fields)).text);
    expect(kidOf(refresh_token)).toBe("00000001");

    context.memory.clock.advance(90 * DAY - 1);
    await context.token("alice", alice, SCOPE);
    expect(await keysOf(context)).toEqual(["token#00000001", "token#00000002", "token#00000003"]);
    const restarted = new AccessContext(context.memory);
    const resume = { grant_type: "refresh_token", refresh_token, scope: SCOPE };
    expect((await restarted.post(resume)).status).toBe(200);

    context.memory.clock.advance(30 * DAY);
    await context.token("alice", alice, SCOPE);
    expect(await keysOf(context)).toEqual(["token#00000002", "token#00000003", "token#00000004"]);
  });

  it("is created once when processes start concurrently", async () => {
    const { context, alice } = await createTokensContext();
    const authorization = basic("alice", alice);
    const apps = [context.app, context.newApp(), context.newApp()];
    const responses = await Promise.all(
      apps.map((app) => context.send("GET", "/token", { authorization }, app)),
    );
    for (const response of responses) {
      const token = JSON.parse(response.text).token;
      for (const app of apps) {
        expect((await context.send("GET", "/v2/", { authorization: bearer(token) }, app)).status).toBe(200);
      }
    }
    expect(await context.memory.records.query({ partition: "keys", sort: "" }, { limit: 10 })).toHaveLength(
      1,
    );
  });

  it("invalidates all tokens when it is replaced and processes are restarted", async () => {
    const { context, alice } = await createTokensContext();
    const fields = { grant_type: "password", username: "alice", password: alice, access_type: "offline" };
    const { access_token, refresh_token } = JSON.parse(
      (await context.post({ ...fields, scope: SCOPE })).text,
    );
    const resume = { grant_type: "refresh_token", refresh_token, scope: SCOPE };
    await replaceKeys(context.memory.records, context.memory.clock.now());
    const after = new AccessContext(context.memory);
    expect(await statusWith(after, access_token)).toBe(401);
    expect((await after.post(resume)).status).toBe(401);
    expect(await statusWith(after, await after.token("alice", alice, SCOPE))).toBe(OPENS);
    for (const partition of ["keys", "secrets"]) {
      const entries = await context.memory.records.query({ partition, sort: "" }, { limit: 10 });
      expect(entries.map(({ key }) => key.sort)).toEqual(["token#00000002"]);
    }
  });

  it("is read again for unknown key ids at most every ten seconds", async () => {
    const { context } = await createTokensContext();
    await context.send("GET", "/v2/", { authorization: bearer(forged("first")) });
    context.calls.length = 0;
    for (let round = 0; round < 20; round++) {
      await context.send("GET", "/v2/acme/app/tags/list", { authorization: bearer(forged(`x${round}`)) });
    }
    expect(context.calls).toEqual([]);
  });
});
