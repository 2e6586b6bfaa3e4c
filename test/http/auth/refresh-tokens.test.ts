import { describe, expect, it } from "vitest";
import { rotateAccount } from "../../../lib/auth/accounts/manage-accounts.ts";
import { basic } from "./access-context.ts";
import { createTokensContext, SCOPE } from "./tokens-context.ts";

describe("a refresh token", () => {
  async function offline() {
    const { context, alice } = await createTokensContext();
    const fields = { grant_type: "password", username: "alice", password: alice, access_type: "offline" };
    const { refresh_token } = JSON.parse((await context.post(fields)).text);
    const resume = (scope = SCOPE, headers = {}, access_type = "online") =>
      context.post({ grant_type: "refresh_token", refresh_token, scope, access_type }, headers);
    return { context, alice, resume };
  }

  it("is exchanged for tokens with the permissions granted at that time", async () => {
    const { context, resume } = await offline();
    expect(JSON.parse((await resume()).text)).toMatchObject({ scope: SCOPE });
    expect(JSON.parse((await resume("repository:acme/app:delete repository:x:pull")).text).scope).toBe("");
    await context.grant("group:devs", "acme/*", "pull");
    expect(JSON.parse((await resume()).text).scope).toBe("repository:acme/app:pull");
  });

  it("becomes invalid as soon as the secret used to obtain it is revoked", async () => {
    const { context, resume } = await offline();
    const now = context.memory.clock.now();
    await rotateAccount(context.memory.records, "user", "alice", { keep: 0, expires: undefined }, now);
    context.settle();
    expect((await resume()).status).toBe(401);
  });

  it("is exchanged for refresh tokens that expire no later", async () => {
    const { context, resume } = await offline();
    context.memory.clock.advance(89 * 86_400);
    const fields = { grant_type: "refresh_token", scope: SCOPE, access_type: "offline" };
    const { refresh_token } = JSON.parse((await resume(SCOPE, {}, "offline")).text);
    const again = async () => (await context.post({ ...fields, refresh_token })).status;
    expect(await again()).toBe(200);
    context.memory.clock.advance(86_400 + 1);
    expect(await again()).toBe(401);
  });

  it("is valid only for the host that issued it", async () => {
    const { resume } = await offline();
    expect((await resume(SCOPE, { host: "other.example.com" })).status).toBe(401);
  });

  it("is issued only on request, and never to anonymous clients", async () => {
    const { context, alice } = await createTokensContext();
    const authorization = basic("alice", alice);
    expect(
      JSON.parse((await context.send("GET", "/token", { authorization })).text).refresh_token,
    ).toBeUndefined();
    const requested = await context.send("GET", "/token?offline_token=true", { authorization });
    expect(JSON.parse(requested.text).refresh_token).toMatch(/^ey/);
    const anonymous = await context.send("GET", "/token?offline_token=true");
    expect(JSON.parse(anonymous.text).refresh_token).toBeUndefined();
  });
});
