import { describe, expect, it } from "vitest";
import { removeAccount } from "../../../lib/auth/accounts/manage-accounts.ts";
import { digestOf } from "../content.ts";
import { AccessContext, bearer } from "./access-context.ts";
import { FORGERIES, signedByRegistry } from "./forged-tokens.ts";
import { createTokensContext, OPENS, SCOPE, statusWith } from "./tokens-context.ts";

const HOUR = 3600;

describe("a token", () => {
  it("expires after its lifetime, but is accepted for an upload in progress for another hour", async () => {
    const { context, alice } = await createTokensContext();
    const token = await context.token("alice", alice, SCOPE);
    const authorization = bearer(token);
    const started = await context.send("POST", "/v2/acme/app/blobs/uploads/", { authorization });
    const location = started.headers["location"] ?? "";
    context.memory.clock.advance(299);
    expect(await statusWith(context, token)).toBe(OPENS);
    context.memory.clock.advance(HOUR - 10);
    expect(await statusWith(context, token)).toBe(401);
    expect((await context.send("PATCH", location, { authorization, body: "slow" })).status).toBe(202);
    const closing = `${location}?digest=${digestOf("slow")}`;
    // The hour does not depend on whether this process has cached the token.
    expect((await context.send("GET", location, { authorization }, context.newApp())).status).toBe(204);
    expect((await context.send("PUT", closing, { authorization })).status).toBe(201);
    const next = await context.send("POST", "/v2/acme/app/blobs/uploads/", { authorization });
    expect([next.status, next.headers["www-authenticate"]]).toEqual([
      401,
      expect.stringContaining('error="invalid_token"'),
    ]);
    context.memory.clock.advance(HOUR);
    expect((await context.send("GET", location, { authorization })).status).toBe(401);
  });

  it("is valid only for the host that issued it", async () => {
    const { context, alice } = await createTokensContext();
    const authorization = bearer(await context.token("alice", alice, SCOPE));
    const response = await context.send("GET", "/v2/", {
      authorization,
      headers: { host: "other.example.com" },
    });
    expect(response.status).toBe(401);
  });

  it("is valid when the registry signs it, in contrast to the forgeries below", async () => {
    const { context, alice } = await createTokensContext();
    const token = await signedByRegistry(context, await context.token("alice", alice, SCOPE), "at+jwt");
    expect(await statusWith(context, token)).toBe(OPENS);
  });

  it.each(Object.entries(FORGERIES))("is rejected with %s", async (_, forge) => {
    const { context, alice } = await createTokensContext();
    const token = await forge(await context.token("alice", alice, SCOPE), context, alice);
    const response = await context.send("GET", "/v2/", { authorization: bearer(token) });
    expect([response.status, response.headers["www-authenticate"]]).toEqual([
      401,
      expect.stringContaining('error="invalid_token"'),
    ]);
    expect(context.defects).toEqual([]);
  });
});

describe("a registry without accounts", () => {
  it("allows all requests without a token until the first account is created", async () => {
    const context = new AccessContext();
    expect((await context.send("GET", "/v2/")).status).toBe(200);
    expect((await context.send("GET", "/token")).status).toBe(404);
    expect((await context.send("POST", "/v2/a/blobs/uploads/")).status).toBe(202);
    await context.addUser("alice");
    expect((await context.send("GET", "/v2/")).status).toBe(401);
    await removeAccount(context.memory.records, "user", "alice");
    context.settle();
    expect((await context.send("GET", "/v2/")).status).toBe(401);
  });
});
