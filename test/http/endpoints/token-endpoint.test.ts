import { decodeJwt } from "jose";
import { beforeAll, describe, expect, it } from "vitest";
import { type AccessContext, basic, bearer, HOST } from "../auth/access-context.ts";
import { createTokensContext, OPENS, SCOPE, statusWith } from "../auth/tokens-context.ts";
import { digestOf } from "../content.ts";

describe("/token", () => {
  let context: AccessContext;
  let alice: string;
  beforeAll(async () => {
    ({ context, alice } = await createTokensContext());
  });

  it.each([
    ["the requested actions in any order", ["repository:acme/app:push,pull"], ["pull", "push"]],
    ["all granted actions for a wildcard", ["repository:acme/app:*"], ["pull", "push"]],
    ["only requested actions", ["repository:acme/app:pull"], ["pull"]],
    ["only granted actions", ["repository:acme/app:delete,pull"], ["pull"]],
    [
      "the actions of several scopes",
      ["repository:acme/app:pull", "repository:acme/app:push"],
      ["pull", "push"],
    ],
    [
      "the actions of several scopes in one parameter",
      ["repository:x/y:pull repository:acme/app:pull"],
      ["pull"],
    ],
    ["actions for a scope with a resource class", ["repository(plugin):acme/app:pull"], ["pull"]],
  ])("grants %s", async (_, scopes, actions) => {
    const { access } = decodeJwt<{ access: readonly { name: string; actions: unknown }[] }>(
      await context.token("alice", alice, ...scopes),
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
  ])("grants no action for %s", async (scope) => {
    const claims = decodeJwt<{ access: readonly { actions: readonly string[] }[] }>(
      await context.token("alice", alice, scope),
    );
    expect(claims.access.flatMap(({ actions }) => actions)).toEqual([]);
    expect(claims["catalog"]).toBeUndefined();
  });

  it("returns to GET the fields that clients need, and prevents caching", async () => {
    const authorization = basic("alice", alice);
    const response = await context.send("GET", `/token?service=${HOST}&scope=${SCOPE}`, { authorization });
    expect(response.headers["cache-control"]).toBe("no-store");
    const body = JSON.parse(response.text);
    expect(body).toEqual({
      ...{ token: body.access_token, access_token: body.token },
      ...{ expires_in: 300, issued_at: expect.stringMatching(/^2026-.*Z$/) },
    });
    const { iss, aud, sub, exp, iat } = decodeJwt(body.token);
    expect({ iss, aud, sub, life: Number(exp) - Number(iat) }).toEqual({
      ...{ iss: HOST, aud: HOST, sub: "user:alice", life: 300 },
    });
  });

  it("returns to POST the response of RFC 6749", async () => {
    const response = await context.post({
      grant_type: "password",
      username: "alice",
      password: alice,
      scope: SCOPE,
    });
    expect(JSON.parse(response.text)).toMatchObject({ token_type: "Bearer", expires_in: 300, scope: SCOPE });
    expect(await statusWith(context, JSON.parse(response.text).access_token)).toBe(OPENS);
  });

  it.each<[string, Readonly<Record<string, string>>, number, string]>([
    ["a wrong secret", { grant_type: "password", username: "alice", password: "x" }, 401, "invalid_grant"],
    ["no secret", { grant_type: "password", username: "alice" }, 400, "invalid_request"],
    ["a forged refresh token", { grant_type: "refresh_token", refresh_token: "a.b.c" }, 401, "invalid_grant"],
    ["another grant", { grant_type: "authorization_code" }, 400, "unsupported_grant_type"],
    ["no grant", {}, 400, "unsupported_grant_type"],
  ])("rejects %s in the same format", async (_, fields, status, error) => {
    const response = await context.post(fields);
    expect([response.status, response.text]).toEqual([status, JSON.stringify({ error })]);
  });

  it("rejects a body that is not a form, and one that is too long", async () => {
    expect((await context.post({}, { "content-type": "application/json" })).status).toBe(400);
    expect((await context.post({ grant_type: "password", password: "x".repeat(70_000) })).status).toBe(400);
  });

  it.each([
    ["a secret in the query", "?password=x", 400],
    ["a refresh token in the query", "?refresh_token=x", 400],
    ["an access token in the query", "?access_token=x", 400],
    ["a client secret in the query", "?client_secret=x", 400],
    ["too many scopes", `?${"scope=repository:a:pull&".repeat(65)}`, 400],
    ["too many scopes in one", `?scope=${"repository:a:pull%20".repeat(65)}`, 400],
    ["very long scopes", `?scope=repository:${"a".repeat(8200)}:pull`, 400],
  ])("rejects %s", async (_, query, status) => {
    expect((await context.send("GET", `/token${query}`)).status).toBe(status);
  });

  it.each([['evil.example"x'], ["a b"], ["a/b"], [""], ["user@host"], ["host:port"]])(
    "does not echo the invalid host %j",
    async (host) => {
      for (const path of ["/v2/", "/token"]) {
        const response = await context.send("GET", path, { headers: { host } });
        expect([response.status, response.headers["www-authenticate"]]).toEqual([400, undefined]);
      }
    },
  );

  it("logs the identity, the kind of credentials and the address, and never a secret", async () => {
    context.lines.length = 0;
    const token = await context.token("alice", alice, SCOPE);
    const body = "layer";
    await context.send("POST", `/v2/acme/app/blobs/uploads/?digest=${digestOf(body)}`, {
      ...{ authorization: bearer(token), body },
    });
    await context.send("PUT", "/v2/acme/app/manifests/latest", {
      authorization: bearer(token),
      headers: { "x-forwarded-for": `${"1".repeat(2000)}\n` },
      body: JSON.stringify({
        schemaVersion: 2,
        mediaType: "application/vnd.oci.image.index.v1+json",
        manifests: [],
      }),
    });
    await context.send("DELETE", "/v2/acme/app/manifests/latest", { authorization: basic("alice", alice) });
    await context.send("GET", "/token", { authorization: basic("alice", `${alice}x`) });
    expect(context.lines.map(({ event }) => event)).toEqual([
      ...["login", "upload", "push", "tag", "denied", "login failed"],
    ]);
    expect(context.lines[3]).toMatchObject({
      ...{ who: "user:alice", from: "192.0.2.7", repository: "acme/app", reference: "latest" },
      ...{ rule: "group:devs acme/*", digest: expect.stringMatching(/^sha256:/) },
    });
    const text = JSON.stringify(context.lines);
    expect(text).not.toContain(alice);
    expect(text).not.toContain(token);
    expect(text.length).toBeLessThan(6000);
  });
});
