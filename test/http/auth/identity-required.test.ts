import { beforeEach, describe, expect, it } from "vitest";
import { createMemoryRegistry } from "../../support/memory.ts";
import { AccessContext, basic, bearer, HOST } from "./access-context.ts";

const DIRECT_HOST = "direct.example.com";
const DIRECT = { host: DIRECT_HOST };
const REALM = `Bearer realm="https://${DIRECT_HOST}/token",service="${DIRECT_HOST}"`;
const SCOPE = "scope=repository:team/app:pull,push";

let context: AccessContext;
let secret: string;

/** A registry with a public repository, at two hosts, one of which requires an identity. */
beforeEach(async () => {
  context = new AccessContext(
    createMemoryRegistry(),
    undefined,
    ({ headers }) => headers["host"] === DIRECT_HOST,
  );
  secret = await context.addUser("alice");
  await context.grant("anonymous", "**", "pull,push,delete");
});

async function tokenFrom(host: string, authorization?: string): Promise<string> {
  const { text } = await context.send("GET", `/token?${SCOPE}`, { authorization, headers: { host } });
  return JSON.parse(text).token;
}

describe("where an identity is required, an anonymous request", () => {
  it.each([
    ["GET", "/v2/team/app/tags/list", ',scope="repository:team/app:pull"'],
    ["HEAD", "/v2/team/app/manifests/v1", ',scope="repository:team/app:pull"'],
    ["POST", "/v2/team/app/blobs/uploads/", ',scope="repository:team/app:pull,push"'],
    ["GET", "/v2/_catalog", ',scope="registry:catalog:*"'],
    ["GET", "/v2/", ""],
    ["POST", "/v2/team/app/manifests/v1", ""],
    ["GET", "/v2/Team/app/tags/list", ""],
    ["GET", "/v2/%ff/tags/list", ""],
    ["GET", "/healthz", ""],
    ["GET", "/", ""],
    ["GET", "/favicon.ico", ""],
    ["DELETE", "/v2/team/app/unknown", ""],
  ])("%s %s is challenged", async (method, target, scope) => {
    const { status, headers, text } = await context.send(method, target, { headers: DIRECT });
    expect(status).toBe(401);
    expect(headers["www-authenticate"]).toBe(`${REALM}${scope}`);
    expect(text).toMatch(method === "HEAD" ? /^$/ : /"code":"UNAUTHORIZED"/);
  });

  it("with an unknown kind of credentials is challenged", async () => {
    const { status } = await context.send("GET", "/healthz", { headers: DIRECT, authorization: "Digest x" });
    expect(status).toBe(401);
  });

  it.each(["GET", "HEAD", "PUT"])("receives no token from %s /token", async (method) => {
    const { status, headers, text } = await context.send(method, `/token?${SCOPE}`, { headers: DIRECT });
    expect(status).toBe(401);
    expect(headers["www-authenticate"]).toBe('Basic realm="dockless"');
    expect(text).not.toContain("token");
  });

  it("with an anonymous token for this host is challenged", async () => {
    context = new AccessContext(context.memory);
    const token = await tokenFrom(DIRECT_HOST);
    context = new AccessContext(context.memory, undefined, () => true);
    const options = { headers: DIRECT, authorization: bearer(token) };
    const { status, headers } = await context.send("GET", "/v2/team/app/tags/list", options);
    expect(status).toBe(401);
    expect(headers["www-authenticate"]).toBe(`${REALM},scope="repository:team/app:pull"`);
  });

  it("causes no read of the store", async () => {
    context.calls.length = 0;
    await context.send("GET", "/v2/team/app/tags/list", { headers: DIRECT });
    expect(context.calls).toEqual([]);
  });
});

describe("where an identity is required, a user", () => {
  it("can push with a token of that host, and receives Locations at that host", async () => {
    const token = await tokenFrom(DIRECT_HOST, basic("alice", secret));
    const options = { headers: DIRECT, authorization: bearer(token) };
    const { status, headers } = await context.send("POST", "/v2/team/app/blobs/uploads/", options);
    expect(status).toBe(202);
    expect(headers["location"]).toMatch(/^\/v2\/team\/app\/blobs\/uploads\//);
  });

  it("receives 404 for unknown endpoints", async () => {
    const options = { headers: DIRECT, authorization: basic("alice", secret) };
    expect((await context.send("GET", "/healthz", options)).status).toBe(404);
  });
});

describe("at the host without this requirement", () => {
  it("anonymous callers have the access of their grants", async () => {
    const token = await tokenFrom(HOST);
    const { status } = await context.send("GET", "/v2/team/app/tags/list", { authorization: bearer(token) });
    expect(status).toBe(404);
    expect((await context.send("GET", "/v2/team/app/tags/list")).status).toBe(404);
  });

  it.each([
    [HOST, DIRECT_HOST],
    [DIRECT_HOST, HOST],
  ])("a token of %s is not valid at %s", async (host, other) => {
    const authorization = bearer(await tokenFrom(host, basic("alice", secret)));
    const { status, headers } = await context.send("GET", "/v2/", {
      authorization,
      headers: { host: other },
    });
    expect(status).toBe(401);
    expect(headers["www-authenticate"]).toContain(`service="${other}",error="invalid_token"`);
  });
});
