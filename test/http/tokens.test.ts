import { generateKeyPairSync, sign as signBytes } from "node:crypto";
import { decodeJwt, SignJWT } from "jose";
import { describe, expect, it } from "vitest";
import { removeAccount } from "../../bin/accounts.ts";
import { AccessLab, bearer } from "./access-lab.ts";
import { digestOf } from "./content.ts";
import { newTokensLab, OPENS, SCOPE, statusWith } from "./tokens-lab.ts";

const HOUR = 3600;

describe("a token", () => {
  it("is over after its time, but a running upload goes on for an hour", async () => {
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
    // Nor does the hour depend on whether this process has seen the token before.
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

  it("is for the host that gave it", async () => {
    const { lab, alice } = await newTokensLab();
    const authorization = bearer(await lab.token("alice", alice, SCOPE));
    const answer = await lab.send("GET", "/v2/", { authorization, headers: { host: "other.example.com" } });
    expect(answer.status).toBe(401);
  });

  it.each([
    "no algorithm",
    "HS256 with the public key",
    "a key of the caller's own",
    "another type",
    "an unknown key",
    "a changed scope",
    "the refresh token",
  ])("is refused with %s", async (how) => {
    const { lab, alice } = await newTokensLab();
    const token = await forge(lab, alice, how);
    const answer = await lab.send("GET", "/v2/", { authorization: bearer(token) });
    expect([answer.status, answer.headers["www-authenticate"]]).toEqual([
      401,
      expect.stringContaining('error="invalid_token"'),
    ]);
    expect(lab.defects).toEqual([]);
  });
});

async function forge(lab: AccessLab, alice: string, how: string): Promise<string> {
  const good = await lab.token("alice", alice, SCOPE);
  const [head = "", payload = "", signature = ""] = good.split(".");
  const header = { alg: "EdDSA", typ: "at+jwt", kid: "00000001" };
  const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const own = generateKeyPairSync("ed25519").privateKey;
  const signed = (fields: object) => {
    const text = `${encode({ ...header, ...fields })}.${payload}`;
    return `${text}.${signBytes(null, Buffer.from(text), own).toString("base64url")}`;
  };
  switch (how) {
    case "no algorithm":
      return `${encode({ ...header, alg: "none" })}.${payload}.`;
    case "HS256 with the public key": {
      const [key] = await lab.memory.records.query<{ x: string }>(
        { partition: "keys", sort: "" },
        { limit: 1 },
      );
      const secret = Buffer.from(key?.value.x ?? "", "base64url");
      return await new SignJWT(decodeJwt(good)).setProtectedHeader({ ...header, alg: "HS256" }).sign(secret);
    }
    case "a key of the caller's own":
      return signed({});
    case "another type":
      return signed({ typ: "JWT" });
    case "an unknown key":
      return signed({ kid: "00000009" });
    case "a changed scope": {
      const claims = { ...decodeJwt(good), access: [{ type: "repository", name: "a", actions: ["push"] }] };
      return `${head}.${encode(claims)}.${signature}`;
    }
    default: {
      const fields = { grant_type: "password", username: "alice", password: alice, access_type: "offline" };
      return JSON.parse((await lab.post(fields)).text).refresh_token;
    }
  }
}

describe("without accounts", () => {
  it("everybody may do everything, there is no /token, and the first account ends it", async () => {
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
