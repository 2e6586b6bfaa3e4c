import { expect, it } from "vitest";
import { removeAccount } from "../../../lib/auth/accounts/manage-accounts.ts";
import { basic } from "./access-context.ts";
import { createTokensContext, SCOPE } from "./tokens-context.ts";

const HOUR = 3600;

it("rejects the sign-in of a deleted user after two seconds, even if the wall clock was set back by an hour", async () => {
  const { context, alice } = await createTokensContext();
  await context.token("alice", alice, SCOPE);
  await removeAccount(context.memory.records, "user", "alice");
  context.memory.clock.setBack(HOUR);
  context.memory.clock.advance(2);
  await expect(context.token("alice", alice, SCOPE)).rejects.toThrow("401");
  const authorization = basic("alice", alice);
  expect((await context.send("GET", "/v2/", { authorization })).status).toBe(401);
});

it("rejects the refresh token of a deleted user after two seconds, even if the wall clock was set back", async () => {
  const { context, alice } = await createTokensContext();
  const fields = { grant_type: "password", username: "alice", password: alice, access_type: "offline" };
  const { refresh_token } = JSON.parse((await context.post(fields)).text);
  await removeAccount(context.memory.records, "user", "alice");
  context.memory.clock.setBack(HOUR);
  context.memory.clock.advance(2);
  expect((await context.post({ grant_type: "refresh_token", refresh_token })).status).toBe(401);
});
