import { generateKeyPairSync, sign as signBytes } from "node:crypto";
import { decodeJwt, SignJWT } from "jose";
import { beforeAll, describe, expect, it } from "vitest";
import { removeAccount, rotateAccount } from "../../bin/accounts.ts";
import { replaceKeys } from "../../lib/auth/token-keys.ts";
import { AccessLab, basic, bearer, HOST } from "./access-lab.ts";
import { digestOf } from "./content.ts";

const SCOPE = "repository:acme/app:pull,push";
const HOUR = 3600;
const DAY = 24 * HOUR;

async function newLab() {
  const lab = new AccessLab();
  const alice = await lab.addUser("alice", { groups: ["devs"] });
  await lab.grant("group:devs", "acme/*", "pull,push");
  return { lab, alice };
}

/** Whether the token opens the repository's tags, which do not exist. */
async function statusWith(lab: AccessLab, token: string, app = lab.app): Promise<number> {
  return (await lab.send("GET", "/v2/acme/app/tags/list", { authorization: bearer(token) }, app)).status;
}

const OPENS = 404;

describe("/token", () => {
  let lab: AccessLab;
  let alice: string;
  beforeAll(async () => {
    ({ lab, alice } = await newLab());
  });

  it.each([
    ["what is asked for in any order", ["repository:acme/app:push,pull"], ["pull", "push"]],
    ["everything that is granted, for a star", ["repository:acme/app:*"], ["pull", "push"]],
    ["nothing beyond what was asked for", ["repository:acme/app:pull"], ["pull"]],
    ["nothing that is not granted", ["repository:acme/app:delete,pull"], ["pull"]],
    [
      "what several scopes ask for",
      ["repository:acme/app:pull", "repository:acme/app:push"],
      ["pull", "push"],
    ],
    ["what scopes in one parameter ask for", ["repository:x/y:pull repository:acme/app:pull"], ["pull"]],
    ["for a class of repository", ["repository(plugin):acme/app:pull"], ["pull"]],
  ])("gives %s", async (_, scopes, actions) => {
    const { access } = decodeJwt<{ access: readonly { name: string; actions: unknown }[] }>(
      await lab.token("alice", alice, ...scopes),
    );
    expect(access.find(({ name }) => name === "acme/app")?.actions).toEqual(actions);
    expect(access.filter(({ name }) => name !== "acme/app").flatMap((one) => one.actions)).toEqual([]);
  });

  it.each([
    "repository:acme/../app:pull",
    "repository:Acme/app:pull",
    "repository:acme/äpp:pull",
    "repository::pull",
    "repository:acme/app",
    "registry:catalog:all",
    "user:alice:admin",
    'repository:acme/app:pull",error="x:pull',
  ])("gives nothing for %s", async (scope) => {
    const claims = decodeJwt<{ access: readonly { actions: readonly string[] }[] }>(
      await lab.token("alice", alice, scope),
    );
    expect(claims.access.flatMap(({ actions }) => actions)).toEqual([]);
    expect(claims["catalog"]).toBeUndefined();
  });

  it("answers GET as clients need it, and keeps it out of caches", async () => {
    const authorization = basic("alice", alice);
    const answer = await lab.send("GET", `/token?service=${HOST}&scope=${SCOPE}`, { authorization });
    expect(answer.headers["cache-control"]).toBe("no-store");
    const body = JSON.parse(answer.text);
    expect(body).toEqual({
      ...{ token: body.access_token, access_token: body.token },
      ...{ expires_in: 300, issued_at: expect.stringMatching(/^2026-.*Z$/) },
    });
    const { iss, aud, sub, exp, iat } = decodeJwt(body.token);
    expect({ iss, aud, sub, life: Number(exp) - Number(iat) }).toEqual({
      ...{ iss: HOST, aud: HOST, sub: "user:alice", life: 300 },
    });
  });

  it("answers POST as RFC 6749 has it", async () => {
    const answer = await lab.post({
      grant_type: "password",
      username: "alice",
      password: alice,
      scope: SCOPE,
    });
    expect(JSON.parse(answer.text)).toMatchObject({ token_type: "Bearer", expires_in: 300, scope: SCOPE });
    expect(await statusWith(lab, JSON.parse(answer.text).access_token)).toBe(OPENS);
  });

  it.each<[string, Readonly<Record<string, string>>, number, string]>([
    ["a wrong secret", { grant_type: "password", username: "alice", password: "x" }, 401, "invalid_grant"],
    ["no secret", { grant_type: "password", username: "alice" }, 400, "invalid_request"],
    ["a forged refresh token", { grant_type: "refresh_token", refresh_token: "a.b.c" }, 401, "invalid_grant"],
    ["another grant", { grant_type: "authorization_code" }, 400, "unsupported_grant_type"],
    ["no grant", {}, 400, "unsupported_grant_type"],
  ])("refuses %s in the same form", async (_, fields, status, error) => {
    const answer = await lab.post(fields);
    expect([answer.status, answer.text]).toEqual([status, JSON.stringify({ error })]);
  });

  it("refuses what is no form, and one that is too long", async () => {
    expect((await lab.post({}, { "content-type": "application/json" })).status).toBe(400);
    expect((await lab.post({ grant_type: "password", password: "x".repeat(70_000) })).status).toBe(400);
  });

  it.each([
    ["a secret in the query", "?password=x", 400],
    ["a refresh token in the query", "?refresh_token=x", 400],
    ["too many scopes", `?${"scope=repository:a:pull&".repeat(65)}`, 400],
    ["too many scopes in one", `?scope=${"repository:a:pull%20".repeat(65)}`, 400],
    ["very long scopes", `?scope=repository:${"a".repeat(8200)}:pull`, 400],
  ])("refuses %s", async (_, query, status) => {
    expect((await lab.send("GET", `/token${query}`)).status).toBe(status);
  });

  it.each([['evil.example"x'], ["a b"], ["a/b"], [""], ["user@host"], ["host:port"]])(
    "repeats no host like %j",
    async (host) => {
      for (const path of ["/v2/", "/token"]) {
        const answer = await lab.send("GET", path, { headers: { host } });
        expect([answer.status, answer.headers["www-authenticate"]]).toEqual([400, undefined]);
      }
    },
  );

  it("says in the log who came, by what and from where, and never a secret", async () => {
    lab.lines.length = 0;
    const token = await lab.token("alice", alice, SCOPE);
    const body = "layer";
    await lab.send("POST", `/v2/acme/app/blobs/uploads/?digest=${digestOf(body)}`, {
      ...{ authorization: bearer(token), body },
    });
    await lab.send("PUT", "/v2/acme/app/manifests/latest", {
      authorization: bearer(token),
      headers: { "x-forwarded-for": `${"1".repeat(2000)}\n` },
      body: JSON.stringify({
        schemaVersion: 2,
        mediaType: "application/vnd.oci.image.index.v1+json",
        manifests: [],
      }),
    });
    await lab.send("DELETE", "/v2/acme/app/manifests/latest", { authorization: basic("alice", alice) });
    await lab.send("GET", "/token", { authorization: basic("alice", `${alice}x`) });
    expect(lab.lines.map(({ event }) => event)).toEqual(["login", "push", "tag", "denied", "login refused"]);
    expect(lab.lines[2]).toMatchObject({
      ...{ who: "user:alice", from: "192.0.2.7", repository: "acme/app", reference: "latest" },
      ...{ rule: "group:devs acme/*", digest: expect.stringMatching(/^sha256:/) },
    });
    const text = JSON.stringify(lab.lines);
    expect(text).not.toContain(alice);
    expect(text).not.toContain(token);
    expect(text.length).toBeLessThan(6000);
  });
});

describe("a token", () => {
  it("is over after its time, but a running upload goes on for an hour", async () => {
    const { lab, alice } = await newLab();
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
    const { lab, alice } = await newLab();
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
    const { lab, alice } = await newLab();
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

describe("a secret", () => {
  it("that is removed gets no token any more, and its tokens end within their lifetime", async () => {
    const { lab, alice } = await newLab();
    const token = await lab.token("alice", alice, SCOPE);
    await removeAccount(lab.memory.records, "user", "alice");
    lab.settle();
    await expect(lab.token("alice", alice)).rejects.toThrow("401");
    expect(await statusWith(lab, token)).toBe(OPENS);
    lab.memory.clock.advance(300);
    expect(await statusWith(lab, token)).toBe(401);
  });

  it("that is rotated is good for as long as was said, and the new one at once", async () => {
    const { lab, alice } = await newLab();
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
    const { lab } = await newLab();
    const secret = await lab.addUser("bob", { expires: DAY * 1000 });
    lab.memory.clock.advance(DAY - 10);
    await lab.token("bob", secret);
    lab.memory.clock.advance(10);
    await expect(lab.token("bob", secret)).rejects.toThrow("401");
  });

  it("is only ever stored as a hash", async () => {
    const { lab, alice } = await newLab();
    const all = await lab.memory.records.query({ partition: "access", sort: "" }, { limit: 100 });
    expect(JSON.stringify(all)).toContain("$scrypt$ln=15,r=8,p=3$");
    expect(JSON.stringify(all)).not.toContain(alice.slice(-24));
  });

  it("takes as long to be refused for an unknown name as for a known one", async () => {
    const { lab } = await newLab();
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

describe("a refresh token", () => {
  async function offline() {
    const { lab, alice } = await newLab();
    const fields = { grant_type: "password", username: "alice", password: alice, access_type: "offline" };
    const { refresh_token } = JSON.parse((await lab.post(fields)).text);
    const resume = (scope = SCOPE, headers = {}) =>
      lab.post({ grant_type: "refresh_token", refresh_token, scope }, headers);
    return { lab, alice, resume };
  }

  it("gets tokens for what is granted at the time, and nothing else", async () => {
    const { lab, resume } = await offline();
    expect(JSON.parse((await resume()).text)).toMatchObject({ scope: SCOPE });
    expect(JSON.parse((await resume("repository:acme/app:delete repository:x:pull")).text).scope).toBe("");
    await lab.grant("group:devs", "acme/*", "pull");
    expect(JSON.parse((await resume()).text).scope).toBe("repository:acme/app:pull");
  });

  it("ends with the secret that it was made with, at once", async () => {
    const { lab, resume } = await offline();
    const now = lab.memory.clock.now();
    await rotateAccount(lab.memory.records, "user", "alice", { keep: 0, expires: undefined }, now);
    lab.settle();
    expect((await resume()).status).toBe(401);
  });

  it("is for the host that gave it", async () => {
    const { resume } = await offline();
    expect((await resume(SCOPE, { host: "other.example.com" })).status).toBe(401);
  });

  it("is given only to who asks for it, and not to nobody", async () => {
    const { lab, alice } = await newLab();
    const authorization = basic("alice", alice);
    expect(
      JSON.parse((await lab.send("GET", "/token", { authorization })).text).refresh_token,
    ).toBeUndefined();
    const asked = await lab.send("GET", "/token?offline_token=true", { authorization });
    expect(JSON.parse(asked.text).refresh_token).toMatch(/^ey/);
    const nobody = await lab.send("GET", "/token?offline_token=true");
    expect(JSON.parse(nobody.text).refresh_token).toBeUndefined();
  });
});

describe("the signing key", () => {
  it("changes after 30 days, and no token fails for it, in any process", async () => {
    const { lab, alice } = await newLab();
    const other = lab.newApp();
    const kid = (token: string) =>
      JSON.parse(Buffer.from(token.split(".")[0] ?? "", "base64url").toString()).kid;
    const kids = new Set<string>();
    let before: string | undefined;
    for (let elapsed = 0; elapsed < 65 * DAY; elapsed += 6 * HOUR) {
      const token = await lab.token("alice", alice, SCOPE);
      kids.add(kid(token));
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
    expect(secrets).toHaveLength(1);
  });

  it("is made once when processes start together", async () => {
    const { lab, alice } = await newLab();
    const authorization = basic("alice", alice);
    const apps = [lab.app, lab.newApp(), lab.newApp()];
    const answers = await Promise.all(apps.map((app) => lab.send("GET", "/token", { authorization }, app)));
    for (const answer of answers) {
      const token = JSON.parse(answer.text).token;
      for (const app of apps) {
        expect((await lab.send("GET", "/v2/", { authorization: bearer(token) }, app)).status).toBe(200);
      }
    }
    expect(await lab.memory.records.query({ partition: "keys", sort: "" }, { limit: 10 })).toHaveLength(1);
  });

  it("ends all tokens when it is replaced, once processes are started anew", async () => {
    const { lab, alice } = await newLab();
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

  it("is read again for names that strangers make up at most every ten seconds", async () => {
    const { lab } = await newLab();
    const token = (kid: string) =>
      `${Buffer.from(JSON.stringify({ alg: "EdDSA", typ: "at+jwt", kid })).toString("base64url")}.e30.AA`;
    await lab.send("GET", "/v2/", { authorization: bearer(token("first")) });
    lab.calls.length = 0;
    for (let round = 0; round < 20; round++) {
      await lab.send("GET", "/v2/acme/app/tags/list", { authorization: bearer(token(`x${round}`)) });
    }
    expect(lab.calls).toEqual([]);
  });
});

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
