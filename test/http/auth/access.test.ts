import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { CONFIG, descriptorOf, digestOf, imageManifest, UNKNOWN_DIGEST } from "../content.ts";
import { AccessContext, basic, bearer, HOST, type SendOptions, type Sent } from "./access-context.ts";

const LAYER_BYTES = "a layer";
const CONFIG_BYTES = "{}";
const BLOB = digestOf(LAYER_BYTES);
const MANIFEST = imageManifest({ config: descriptorOf(CONFIG, Buffer.from(CONFIG_BYTES)) });
const TYPE = { "content-type": "application/vnd.oci.image.manifest.v1+json" };

/** Pushes an image to a repository. */
async function fill(context: AccessContext, repository: string, authorization: string): Promise<void> {
  for (const body of [CONFIG_BYTES, LAYER_BYTES]) {
    const target = `/v2/${repository}/blobs/uploads/?digest=${digestOf(body)}`;
    expect((await context.send("POST", target, { authorization, body })).status).toBe(201);
  }
  const pushed = await context.send("PUT", `/v2/${repository}/manifests/latest`, {
    ...{ authorization, body: MANIFEST, headers: TYPE },
  });
  expect(pushed.status).toBe(201);
}

async function session(context: AccessContext, repository: string, authorization: string): Promise<string> {
  const { headers } = await context.send("POST", `/v2/${repository}/blobs/uploads/`, { authorization });
  return headers["location"] ?? "";
}

const CALLERS = ["anonymous", "none", "pull", "push", "delete", "admin"] as const;
type CallerName = (typeof CALLERS)[number];

interface Row extends SendOptions {
  readonly request: string;
  readonly action: "pull" | "push" | "delete";
}

const ROWS: readonly Row[] = [
  { request: "GET /v2/NAME/manifests/latest", action: "pull" },
  { request: "HEAD /v2/NAME/manifests/latest", action: "pull" },
  { request: `GET /v2/NAME/manifests/${digestOf(MANIFEST)}`, action: "pull" },
  { request: `GET /v2/NAME/blobs/${BLOB}`, action: "pull" },
  { request: `HEAD /v2/NAME/blobs/${BLOB}`, action: "pull" },
  { request: "GET /v2/NAME/tags/list", action: "pull" },
  { request: `GET /v2/NAME/referrers/${UNKNOWN_DIGEST}`, action: "pull" },
  { request: "POST /v2/NAME/blobs/uploads/", action: "push" },
  { request: `POST /v2/NAME/blobs/uploads/?digest=${digestOf("new")}`, action: "push", body: "new" },
  { request: "GET SESSION", action: "push" },
  { request: "PATCH SESSION", action: "push", body: "chunk" },
  { request: `PUT SESSION?digest=${digestOf("whole")}`, action: "push", body: "whole" },
  { request: "DELETE SESSION", action: "push" },
  { request: "PUT /v2/NAME/manifests/next", action: "push", body: MANIFEST, headers: TYPE },
  { request: "DELETE /v2/NAME/manifests/latest", action: "delete" },
  { request: `DELETE /v2/NAME/manifests/${digestOf(MANIFEST)}`, action: "delete" },
  { request: `DELETE /v2/NAME/blobs/${BLOB}`, action: "delete" },
];

describe("access control", () => {
  const context = new AccessContext();
  const secrets = new Map<CallerName, string>();
  let root = "";
  let repositories = 0;

  beforeAll(async () => {
    root = basic("root", await context.addUser("root"));
    await context.grant("user:root", "**", "admin");
    for (const who of CALLERS.slice(1)) secrets.set(who, await context.addUser(who));
    for (const who of CALLERS.slice(2)) await context.grant(`user:${who}`, "acme/*", who);
  }, 60_000);

  describe.each(ROWS)("$request requires $action:", ({ request, action, ...options }) => {
    let name = "";
    let location = "";

    beforeEach(async () => {
      repositories += 1;
      name = `acme/app${repositories}`;
      await fill(context, name, root);
      location = await session(context, name, root);
    });

    function send(authorization: string | undefined, repository = name): Promise<Sent> {
      const target = request.replace("SESSION", location).replace("NAME", name).replace(name, repository);
      const [method = "", path = ""] = target.split(" ");
      return context.send(method, path, { ...options, authorization });
    }

    it.each(CALLERS)("decides for %s with a secret", async (who) => {
      const secret = secrets.get(who);
      const { status, headers } = await send(secret === undefined ? undefined : basic(who, secret));
      if (who === "anonymous")
        expect([status, headers["www-authenticate"]]).toEqual([401, challengeOf(action)]);
      else if (who === action || who === "admin") expect(status).toBeLessThan(300);
      else expect(status).toBe(403);
    });

    it.each(CALLERS)("decides for %s with a token", async (who) => {
      const token = await context.token(who, secrets.get(who) ?? "", `repository:${name}:pull,push,delete`);
      const { status, headers } = await send(bearer(token));
      const error = insufficientScopeOf(action);
      if (who === "anonymous") expect([status, headers["www-authenticate"]]).toEqual([401, error]);
      else if (who === action || who === "admin") expect(status).toBeLessThan(300);
      else expect(status).toBe(403);
    });

    it("challenges a token with another scope", async () => {
      const token = await context.token(
        "admin",
        secrets.get("admin") ?? "",
        "repository:acme/other:pull,push,delete",
      );
      const { status, headers } = await send(bearer(token));
      expect(status).toBe(401);
      expect(headers["www-authenticate"]).toBe(insufficientScopeOf(action));
    });

    it("returns identical responses for a hidden and for a missing repository", async () => {
      const hidden = basic("none", secrets.get("none") ?? "");
      // Has the same length, because responses name the repository that was requested.
      const absent = `acme/${"n".repeat(name.length - "acme/".length)}`;
      for (const authorization of [undefined, hidden, `Bearer ${"x".repeat(40)}`]) {
        const there = await send(authorization);
        const missing = await send(authorization, absent);
        expect([401, 403]).toContain(there.status);
        expect(JSON.parse(JSON.stringify(missing).replaceAll(absent, name))).toEqual(there);
      }
    });

    function challengeOf(needed: string): string {
      const actions = needed === "push" ? "pull,push" : needed;
      return `Bearer realm="https://${HOST}/token",service="${HOST}",scope="repository:${name}:${actions}"`;
    }

    /** Returns the challenge to a token without the scope. docker prints its description. */
    function insufficientScopeOf(needed: string): string {
      const phrase = { pull: "pull from", push: "push to", delete: "delete in" }[needed];
      const description = `authentication required: sign in to ${HOST} to ${phrase} ${name}`;
      return `${challengeOf(needed)},error="insufficient_scope",error_description="${description}"`;
    }
  });

  it("causes no internal error", () => {
    expect(context.defects).toEqual([]);
  });
});

describe("a registry with accounts", () => {
  let context: AccessContext;
  let alice: string;
  let root: string;
  beforeAll(async () => {
    context = new AccessContext();
    root = basic("root", await context.addUser("root"));
    await context.grant("user:root", "**", "admin");
    alice = await context.addUser("alice");
    await context.grant("user:alice", "acme/**", "pull,push");
    await context.grant("anonymous", "public/*", "pull");
    for (const name of ["acme/app", "other/app", "public/app", "zoo/app"]) await fill(context, name, root);
  });

  it("challenges requests without credentials, including GET /v2/", async () => {
    const { status, headers } = await context.send("GET", "/v2/");
    const challenge = `Bearer realm="https://${HOST}/token",service="${HOST}"`;
    expect([status, headers["www-authenticate"]]).toEqual([401, challenge]);
  });

  it.each([
    ["an unknown token", "Bearer nothing"],
    ["another scheme", "Digest x"],
    ["a scheme without a value", "Bearer"],
    ["two credentials", `Bearer ${"x".repeat(20)}, Basic eA==`],
    ["Basic without a colon", `Basic ${Buffer.from("alice").toString("base64")}`],
    ["a wrong secret", basic("alice", `dockless_${"a".repeat(30)}`)],
    ["an unknown account name", basic("bob", `dockless_${"a".repeat(30)}`)],
    ["another user's secret", "OTHER"],
  ])("returns 401 for %s", async (_, given) => {
    const authorization = given === "OTHER" ? basic("root", alice) : given;
    const { status, headers } = await context.send("GET", "/v2/", { authorization });
    expect(status).toBe(401);
    expect(headers["www-authenticate"]).toMatch(/^Bearer realm="https:/);
  });

  it("allows anonymous pulls of public repositories only", async () => {
    const token = await context.token("", "", "repository:public/app:pull,push");
    for (const authorization of [undefined, bearer(token)]) {
      expect((await context.send("GET", "/v2/public/app/manifests/latest", { authorization })).status).toBe(
        200,
      );
      expect((await context.send("POST", "/v2/public/app/blobs/uploads/", { authorization })).status).toBe(
        401,
      );
      expect((await context.send("GET", "/v2/acme/app/manifests/latest", { authorization })).status).toBe(
        401,
      );
    }
  });

  it("lists the repositories that the caller can pull, in pages", async () => {
    const authorization = basic("alice", alice);
    const all = await context.send("GET", "/v2/_catalog", { authorization });
    expect(JSON.parse(all.text)).toEqual({ repositories: ["acme/app", "public/app"] });
    const first = await context.send("GET", "/v2/_catalog?n=1", { authorization });
    expect(JSON.parse(first.text)).toEqual({ repositories: ["acme/app"] });
    expect(first.headers["link"]).toBe('</v2/_catalog?n=1&last=acme%2Fapp>; rel="next"');
    const last = await context.send("GET", "/v2/_catalog?n=1&last=acme/app", { authorization });
    expect([last.text, last.headers["link"]]).toEqual(['{"repositories":["public/app"]}', undefined]);
  });

  it("lists to a catalog token the repositories that its account can pull", async () => {
    const token = await context.token("alice", alice, "registry:catalog:*");
    const { text } = await context.send("GET", "/v2/_catalog", { authorization: bearer(token) });
    expect(JSON.parse(text)).toEqual({ repositories: ["acme/app", "public/app"] });
    const other = await context.token("alice", alice, "repository:acme/app:pull");
    const response = await context.send("GET", "/v2/_catalog", { authorization: bearer(other) });
    expect(response.headers["www-authenticate"]).toContain('scope="registry:catalog:*"');
    const anonymous = await context.token("", "", "registry:catalog:*");
    const shown = await context.send("GET", "/v2/_catalog", { authorization: bearer(anonymous) });
    expect(JSON.parse(shown.text)).toEqual({ repositories: ["public/app"] });
  });

  it.each([
    ["from a hidden repository", "&from=other/app"],
    ["from a missing repository", "&from=nil/app"],
  ])("falls back to an upload session for a mount %s", async (_, from) => {
    const secret = "only in other/app";
    const target = `/v2/other/app/blobs/uploads/?digest=${digestOf(secret)}`;
    await context.send("POST", target, { authorization: root, body: secret });
    const sources = ["repository:other/app:pull", "repository:nil/app:pull"];
    const token = await context.token("alice", alice, "repository:acme/new:pull,push", ...sources);
    for (const authorization of [basic("alice", alice), bearer(token)]) {
      for (const query of [`?mount=${digestOf(secret)}${from}`, `?mount=${digestOf(secret)}`]) {
        const response = await context.send("POST", `/v2/acme/new/blobs/uploads/${query}`, { authorization });
        expect(response.status).toBe(202);
      }
      const blob = await context.send("HEAD", `/v2/acme/new/blobs/${digestOf(secret)}`, { authorization });
      expect(blob.status).toBe(404);
    }
  });

  it("mounts a blob from a repository that the caller can pull; without a source, a blob that the target repository already has", async () => {
    const scopes = ["repository:acme/new:push,pull", "repository:acme/app:pull"];
    const authorization = bearer(await context.token("alice", alice, ...scopes));
    for (const query of [`?mount=${BLOB}&from=acme/app`, `?mount=${BLOB}`]) {
      const response = await context.send("POST", `/v2/acme/new/blobs/uploads/${query}`, { authorization });
      expect(response.status).toBe(201);
    }
  });

  it("challenges a mount whose token lacks the scope of the source repository", async () => {
    const target = `/v2/acme/new/blobs/uploads/?mount=${BLOB}&from=acme/app`;
    const token = await context.token("alice", alice, "repository:acme/new:pull,push");
    const response = await context.send("POST", target, { authorization: bearer(token) });
    const scope = "repository:acme/new:pull,push repository:acme/app:pull";
    expect([response.status, response.headers["www-authenticate"]]).toEqual([
      401,
      expect.stringContaining(`scope="${scope}"`),
    ]);
    const authorization = bearer(await context.token("alice", alice, scope));
    expect((await context.send("POST", target, { authorization })).status).toBe(201);
  });

  it("mounts from a public repository with any token", async () => {
    const onlyPublic = "only in public/app";
    const there = `/v2/public/app/blobs/uploads/?digest=${digestOf(onlyPublic)}`;
    await context.send("POST", there, { authorization: root, body: onlyPublic });
    const authorization = bearer(await context.token("alice", alice, "repository:acme/new:pull,push"));
    const target = `/v2/acme/new/blobs/uploads/?mount=${digestOf(onlyPublic)}&from=public/app`;
    expect((await context.send("POST", target, { authorization })).status).toBe(201);
  });

  it("rejects a manifest with a blob of another repository", async () => {
    const target = "/v2/acme/empty/manifests/latest";
    const authorization = basic("alice", alice);
    const response = await context.send("PUT", target, { authorization, body: MANIFEST, headers: TYPE });
    expect([response.status, response.text]).toEqual([404, expect.stringContaining("MANIFEST_BLOB_UNKNOWN")]);
  });

  it.each([
    ["one record for a pull", "pull", "GET", "manifests/latest", 200, ["records.get"]],
    [
      "nothing for the start of an upload",
      "pull,push",
      "POST",
      "blobs/uploads/",
      202,
      ["uploads.begin", "records.write"],
    ],
  ] as const)("reads %s with a cached token", async (_, actions, method, path, status, calls) => {
    const authorization = bearer(await context.token("alice", alice, `repository:acme/app:${actions}`));
    await context.send(method, `/v2/acme/app/${path}`, { authorization });
    context.memory.clock.advance(100);
    context.calls.length = 0;
    expect((await context.send(method, `/v2/acme/app/${path}`, { authorization })).status).toBe(status);
    expect(context.calls.map((call) => `${call.store}.${call.method}`)).toEqual(calls);
  });

  it("causes no internal error", () => {
    expect(context.defects).toEqual([]);
  });
});
