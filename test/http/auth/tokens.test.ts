import { describe, expect, it } from "vitest";
import { removeAccount } from "../../../lib/auth/accounts/manage-accounts.ts";
import { digestOf } from "../content.ts";
import { AccessLab, bearer } from "./access-lab.ts";
import { FORGERIES, signedByRegistry } from "./forged-tokens.ts";
import { newTokensLab, OPENS, SCOPE, statusWith } from "./tokens-lab.ts";

const HOUR = 3600;

describe("a token", () => {
  it("expires after its lifetime, but is accepted for a running upload for another hour", async () => {
    const { lab, alice } = await newTokensLab();
    const token = await lab.token("alice", alice, SCOPE);
    const authorization = bearer(token);
    const started = await lab.send("POST", "/v2/acme/app/blobs/uploads/", { authorization });
    const location = started.headers["location"] ?? "";
    lab.memory.clock.advance(299);
    expect(await statusWith(lab, token)).toBe(OPENS);
    lab.memory.clock.advance(HOUR - 10);
    expect(await statusWith(lab, token)).toBe(401);
    expect((await lab.send("PATCH", location, { authorization, body: "slow" })).status).toBe(202);
    const closing = `${location}?digest=${digestOf("slow")}`;
    // The hour does not depend on whether this process has cached the token.
    expect((await lab.send("GET", location, { authorization }, lab.newApp())).status).toBe(204);
    expect((await lab.send("PUT", closing, { authorization })).status).toBe(201);
    const next = await lab.send("POST", "/v2/acme/app/blobs/uploads/", { authorization });
    expect([next.status, next.headers["www-authenticate"]]).toEqual([
      401,
      expect.stringContaining('error="invalid_token"'),
    ]);
    lab.memory.clock.advance(HOUR);
    expect((await lab.send("GET", location, { authorization })).status).toBe(401);
  });

  it("is valid for the host that issued it only", async () => {
    const { lab, alice } = await newTokensLab();
    const authorization = bearer(await lab.token("alice", alice, SCOPE));
    const response = await lab.send("GET", "/v2/", { authorization, headers: { host: "other.example.com" } });
    expect(response.status).toBe(401);
  });

  it("is valid when the registry signs it, unlike the forgeries below", async () => {
    const { lab, alice } = await newTokensLab();
    const token = await signedByRegistry(lab, await lab.token("alice", alice, SCOPE), "at+jwt");
    expect(await statusWith(lab, token)).toBe(OPENS);
  });

  it.each(Object.entries(FORGERIES))("is rejected with %s", async (_, forge) => {
    const { lab, alice } = await newTokensLab();
    const token = await forge(await lab.token("alice", alice, SCOPE), lab, alice);
    const response = await lab.send("GET", "/v2/", { authorization: bearer(token) });
    expect([response.status, response.headers["www-authenticate"]]).toEqual([
      401,
      expect.stringContaining('error="invalid_token"'),
    ]);
    expect(lab.defects).toEqual([]);
  });
});

describe("a registry without accounts", () => {
  it("allows all requests without /token until the first account is created", async () => {
    const lab = new AccessLab();
    expect((await lab.send("GET", "/v2/")).status).toBe(200);
    expect((await lab.send("GET", "/token")).status).toBe(404);
    expect((await lab.send("POST", "/v2/a/blobs/uploads/")).status).toBe(202);
    await lab.addUser("alice");
    expect((await lab.send("GET", "/v2/")).status).toBe(401);
    await removeAccount(lab.memory.records, "user", "alice");
    lab.settle();
    expect((await lab.send("GET", "/v2/")).status).toBe(401);
  });
});
