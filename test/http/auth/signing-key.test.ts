import { describe, expect, it } from "vitest";
import { replaceKeys } from "../../../lib/auth/tokens/token-keys.ts";
import { AccessLab, basic, bearer } from "./access-lab.ts";
import { newTokensLab, OPENS, SCOPE, statusWith } from "./tokens-lab.ts";

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

async function keysOf({ memory }: AccessLab): Promise<readonly string[]> {
  const entries = await memory.records.query({ partition: "keys", sort: "" }, { limit: 10 });
  return entries.map(({ key }) => key.sort);
}

describe("the signing key", () => {
  it("changes after 30 days without a failed token in any process", async () => {
    const { lab, alice } = await newTokensLab();
    const other = lab.newApp();
    const kids = new Set<string>();
    let before: string | undefined;
    for (let elapsed = 0; elapsed < 65 * DAY; elapsed += 6 * HOUR) {
      const token = await lab.token("alice", alice, SCOPE);
      kids.add(kidOf(token));
      for (const app of [lab.app, other]) expect(await statusWith(lab, token, app)).toBe(OPENS);
      if (before !== undefined)
        for (const app of [lab.app, other]) expect(await statusWith(lab, before, app)).toBe(401);
      before = token;
      lab.memory.clock.advance(299);
      expect(await statusWith(lab, token, other)).toBe(OPENS);
      lab.memory.clock.advance(6 * HOUR - 299);
    }
    expect([...kids]).toEqual(["00000001", "00000002", "00000003"]);
    const secrets = await lab.memory.records.query({ partition: "secrets", sort: "" }, { limit: 10 });
    expect(secrets.map(({ key }) => key.sort)).toEqual(["token#00000002", "token#00000003"]);
  });

  it("is read by every process before it signs, even by one that pauses between reads", async () => {
    const { lab, alice } = await newTokensLab();
    const other = lab.newApp();
    await lab.token("alice", alice, SCOPE);
    lab.memory.clock.advance(30 * DAY - 30);
    const kids = new Set<string>();
    for (let elapsed = 0; elapsed < 1300; elapsed += 8) {
      expect(await statusWith(lab, forged("unknown"), other)).toBe(401);
      const token = await lab.token("alice", alice, SCOPE);
      expect(await statusWith(lab, token, other)).toBe(OPENS);
      kids.add(kidOf(token));
      lab.memory.clock.advance(8);
    }
    expect([...kids]).toEqual(["00000001", "00000002"]);
  });

  it("verifies a refresh token for its 90 days, even one signed after the next key was created", async () => {
    const { lab, alice } = await newTokensLab();
    const other = new AccessLab(lab.memory);
    await lab.token("alice", alice, SCOPE);
    lab.memory.clock.advance(30 * DAY - 1);
    await other.token("alice", alice, SCOPE);
    lab.memory.clock.advance(1);
    await lab.token("alice", alice, SCOPE);
    expect(await keysOf(lab)).toEqual(["token#00000001", "token#00000002"]);

    lab.memory.clock.advance(9 * MINUTE);
    const fields = { grant_type: "password", username: "alice", password: alice, access_type: "offline" };
    const { refresh_token } = JSON.parse((await other.post(fields)).text);
    expect(kidOf(refresh_token)).toBe("00000001");

    lab.memory.clock.advance(90 * DAY - 1);
    await lab.token("alice", alice, SCOPE);
    expect(await keysOf(lab)).toEqual(["token#00000001", "token#00000002", "token#00000003"]);
    const restarted = new AccessLab(lab.memory);
    const resume = { grant_type: "refresh_token", refresh_token, scope: SCOPE };
    expect((await restarted.post(resume)).status).toBe(200);

    lab.memory.clock.advance(30 * DAY);
    await lab.token("alice", alice, SCOPE);
    expect(await keysOf(lab)).toEqual(["token#00000002", "token#00000003", "token#00000004"]);
  });

  it("is created once when processes start concurrently", async () => {
    const { lab, alice } = await newTokensLab();
    const authorization = basic("alice", alice);
    const apps = [lab.app, lab.newApp(), lab.newApp()];
    const responses = await Promise.all(apps.map((app) => lab.send("GET", "/token", { authorization }, app)));
    for (const response of responses) {
      const token = JSON.parse(response.text).token;
      for (const app of apps) {
        expect((await lab.send("GET", "/v2/", { authorization: bearer(token) }, app)).status).toBe(200);
      }
    }
    expect(await lab.memory.records.query({ partition: "keys", sort: "" }, { limit: 10 })).toHaveLength(1);
  });

  it("invalidates all tokens when it is replaced and processes are restarted", async () => {
    const { lab, alice } = await newTokensLab();
    const fields = { grant_type: "password", username: "alice", password: alice, access_type: "offline" };
    const { access_token, refresh_token } = JSON.parse((await lab.post({ ...fields, scope: SCOPE })).text);
    const resume = { grant_type: "refresh_token", refresh_token, scope: SCOPE };
    await replaceKeys(lab.memory.records, lab.memory.clock.now());
    const after = new AccessLab(lab.memory);
    expect(await statusWith(after, access_token)).toBe(401);
    expect((await after.post(resume)).status).toBe(401);
    expect(await statusWith(after, await after.token("alice", alice, SCOPE))).toBe(OPENS);
    for (const partition of ["keys", "secrets"]) {
      const entries = await lab.memory.records.query({ partition, sort: "" }, { limit: 10 });
      expect(entries.map(({ key }) => key.sort)).toEqual(["token#00000002"]);
    }
  });

  it("is read again for unknown key ids at most every ten seconds", async () => {
    const { lab } = await newTokensLab();
    await lab.send("GET", "/v2/", { authorization: bearer(forged("first")) });
    lab.calls.length = 0;
    for (let round = 0; round < 20; round++) {
      await lab.send("GET", "/v2/acme/app/tags/list", { authorization: bearer(forged(`x${round}`)) });
    }
    expect(lab.calls).toEqual([]);
  });
});
