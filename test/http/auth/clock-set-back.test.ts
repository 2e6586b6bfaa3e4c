import { expect, it } from "vitest";
import { removeAccount } from "../../../lib/auth/accounts/manage-accounts.ts";
import { basic } from "./access-lab.ts";
import { newTokensLab, SCOPE } from "./tokens-lab.ts";

const HOUR = 3600;

it("issues no token to a deleted user after two seconds, although the wall clock was set back by an hour", async () => {
  const { lab, alice } = await newTokensLab();
  await lab.token("alice", alice, SCOPE);
  await removeAccount(lab.memory.records, "user", "alice");
  lab.memory.clock.setBack(HOUR);
  lab.memory.clock.advance(2);
  await expect(lab.token("alice", alice, SCOPE)).rejects.toThrow("401");
  const authorization = basic("alice", alice);
  expect((await lab.send("GET", "/v2/", { authorization })).status).toBe(401);
});

it("issues no token for the refresh token of a deleted user after two seconds, although the wall clock was set back", async () => {
  const { lab, alice } = await newTokensLab();
  const fields = { grant_type: "password", username: "alice", password: alice, access_type: "offline" };
  const { refresh_token } = JSON.parse((await lab.post(fields)).text);
  await removeAccount(lab.memory.records, "user", "alice");
  lab.memory.clock.setBack(HOUR);
  lab.memory.clock.advance(2);
  expect((await lab.post({ grant_type: "refresh_token", refresh_token })).status).toBe(401);
});
