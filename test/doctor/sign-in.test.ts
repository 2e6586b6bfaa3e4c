import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { formatResult } from "../../lib/doctor/findings/report.ts";
import { type RunningServer, startServer } from "../support/server.ts";
import { createResponse, withHeaders } from "./defects/defect.ts";
import {
  type ProxyDefect,
  type ProxyRequest,
  type ProxyResponse,
  type RunningProxy,
  startProxy,
} from "./proxy.ts";
import { runDoctor } from "./run-doctor.ts";

const CREDENTIALS = { username: "ci", password: "a very secret password" };
const BASIC = `Basic ${Buffer.from(`${CREDENTIALS.username}:${CREDENTIALS.password}`).toString("base64")}`;
const TOKEN = "token-of-this-front-1234567890";

let server: RunningServer;
let proxy: RunningProxy;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.dispose());
afterEach(() => proxy.stop());

/** A proxy that requires a token for all requests. */
function guarded(
  challengeOf: (realm: string, request: ProxyRequest) => ProxyResponse["headers"],
): ProxyDefect {
  return {
    respond: (request, self) => {
      if (request.path.startsWith("/token")) return token(request);
      if (request.headers.authorization === `Bearer ${TOKEN}`) return undefined;
      return createResponse(401, '{"errors":[{"code":"UNAUTHORIZED"}]}', {
        "docker-distribution-api-version": "registry/2.0",
        ...challengeOf(`${self}/token`, request),
      });
    },
  };
}

function token({ method, headers, body, path }: ProxyRequest): ProxyResponse {
  const form = new URLSearchParams(body.toString());
  const isKnown =
    method === "GET"
      ? headers.authorization === BASIC && path.includes("scope=repository%3Adoctor")
      : form.get("password") === CREDENTIALS.password && form.get("scope")?.startsWith("repository:doctor/");
  return isKnown
    ? createResponse(200, JSON.stringify({ token: TOKEN, access_token: TOKEN, expires_in: 300 }))
    : createResponse(401, '{"errors":[{"code":"UNAUTHORIZED"}]}');
}

const bearer = (realm: string) => `Bearer realm="${realm}",service="registry.example"`;
const wellFormed = guarded((realm) => ({ "www-authenticate": bearer(realm) }));

describe("with required authentication", () => {
  it("all checks pass with valid credentials, and no secret is printed", async () => {
    proxy = await startProxy(server.url, wellFormed);
    const run = await runDoctor(proxy.url, { credentials: CREDENTIALS });
    expect([run.names("failed"), run.names("warning"), run.exitCode]).toEqual([[], [], 0]);
    for (const name of ["challenge", "token-get", "token-post"]) expect(run.result(name).status).toBe("ok");
    expect(JSON.stringify(run.results)).not.toContain(TOKEN);
  });

  it("checks that require credentials are skipped without them", async () => {
    proxy = await startProxy(server.url, wellFormed);
    const run = await runDoctor(proxy.url);
    expect([run.names("failed"), run.result("challenge").status]).toEqual([[], "ok"]);
    expect(run.exitCode).toBe(3);
    expect(run.result("push-put")).toMatchObject({
      status: "skipped",
      summary: expect.stringContaining("--password-stdin"),
    });
  });

  it("an invalid password fails token-get, and the dependent checks are skipped", async () => {
    proxy = await startProxy(server.url, wellFormed);
    const credentials = { ...CREDENTIALS, password: "another secret" };
    const run = await runDoctor(proxy.url, { credentials });
    expect(run.names("failed")).toEqual(["token-get"]);
    expect(formatResult(run.result("token-get"))).toMatch(/401[\s\S]*password/);
    expect(run.result("push-put").status).toBe("skipped");
    expect(JSON.stringify(run.results)).not.toContain("another secret");
  });

  it.each<[string, ProxyResponse | "hang up", RegExp]>([
    ["closes the connection", "hang up", /no response[\s\S]*ECONNRESET/],
    [
      "returns no token",
      createResponse(200, "{}"),
      /the response contains no token[\s\S]*no content type, 2 bytes/,
    ],
  ])(
    "a token service that %s fails token-get, and the dependent checks are skipped",
    async (_, response, says) => {
      proxy = await startProxy(server.url, {
        respond: (request, self) =>
          request.path.startsWith("/token") ? response : wellFormed.respond?.(request, self),
      });
      const run = await runDoctor(proxy.url, { credentials: CREDENTIALS });
      expect(run.names("failed")).toEqual(["token-get"]);
      expect(formatResult(run.result("token-get"))).toMatch(says);
      for (const name of ["token-post", "push-put"])
        expect(run.result(name)).toMatchObject({
          status: "skipped",
          summary: 'requires that "token-get" passes',
        });
    },
  );

  it("failed authentication fails the first selected check when token-get is not selected", async () => {
    proxy = await startProxy(server.url, {
      respond: (request, self) =>
        request.path.startsWith("/token") ? createResponse(401, "") : wellFormed.respond?.(request, self),
    });
    const run = await runDoctor(proxy.url, { credentials: CREDENTIALS, only: ["push-put", "pull"] });
    expect(run.names("failed")).toEqual(["push-put"]);
    expect(run.result("push-put").summary).toBe("the token request returned 401");
    expect(run.result("pull")).toMatchObject({ status: "skipped", blockedBy: "push-put" });
  });

  it("a renamed challenge header fails challenge, and the other checks use it", async () => {
    proxy = await startProxy(
      server.url,
      guarded((realm) => ({ "x-amzn-remapped-www-authenticate": bearer(realm) })),
    );
    const run = await runDoctor(proxy.url, { credentials: CREDENTIALS });
    expect(run.names("failed")).toEqual(["challenge"]);
    expect(formatResult(run.result("challenge"))).toMatch(
      /x-amzn-remapped-www-authenticate[\s\S]*API Gateway/,
    );
  });

  it("a challenge that is missing only for HEAD fails challenge", async () => {
    proxy = await startProxy(
      server.url,
      guarded((realm, { method }) => (method === "HEAD" ? {} : { "www-authenticate": bearer(realm) })),
    );
    const run = await runDoctor(proxy.url, { credentials: CREDENTIALS });
    expect(run.names("failed")).toEqual(["challenge"]);
    expect(run.result("challenge").summary).toContain("HEAD");
  });

  it.each<[string, string, RegExp]>([
    ["is malformed", "Bearer", /malformed/],
    ["has no realm", 'Bearer service="x"', /no realm/],
    ["has a realm that is a path", 'Bearer realm="/token",service="x"', /not an absolute URL/],
    [
      "has a realm over plain HTTP",
      'Bearer realm="http://other.example/token",service="x"',
      /not an https URL/,
    ],
  ])("a challenge that %s fails challenge, and the password is not sent", async (_, text, says) => {
    proxy = await startProxy(
      server.url,
      guarded(() => ({ "www-authenticate": text })),
    );
    const run = await runDoctor(proxy.url, { credentials: CREDENTIALS });
    expect(run.names("failed")).toEqual(["challenge"]);
    expect(formatResult(run.result("challenge"))).toMatch(says);
    expect(proxy.requests.filter(({ headers }) => headers.authorization !== undefined)).toEqual([]);
  });
});

describe("with redirects to another host", () => {
  const SIGNED = "X-Amz-Expires=900&X-Amz-Credential=AKIA-secret&X-Amz-Signature=0123abcd";

  /** Redirects GET requests of blobs to the same proxy under another hostname. */
  function redirecting(
    query: string,
    serve: (request: ProxyRequest) => ProxyResponse | undefined = () => undefined,
  ): ProxyDefect {
    return {
      respond: (request, self) => {
        if (request.path.startsWith("/stored/")) return serve(request);
        if (request.method !== "GET" || !/\/blobs\/sha256/.test(request.path)) return undefined;
        const elsewhere = self.replace("127.0.0.1", "localhost");
        return createResponse(307, "", { location: `${elsewhere}/stored${request.path}?${query}` });
      },
      modifyRequest: (request) => ({ ...request, path: request.path.replace(/^\/stored([^?]*).*$/, "$1") }),
    };
  }

  it("pull and range follow redirects without Authorization, and pull reports the URL's lifetime", async () => {
    proxy = await startProxy(server.url, redirecting(SIGNED));
    const run = await runDoctor(proxy.url, { size: 11_000_000 });
    expect([run.names("failed"), run.names("warning")]).toEqual([[], []]);
    expect(run.result("pull").summary).toMatch(/^307 to localhost:\d+, .* 900 s$/);
  });

  it("a URL lifetime of a few seconds causes a warning", async () => {
    proxy = await startProxy(server.url, redirecting(SIGNED.replace("900", "5")));
    const run = await runDoctor(proxy.url);
    expect([run.names("failed"), run.names("warning"), run.exitCode]).toEqual([[], ["pull"], 0]);
  });

  it("an error of the redirect's target is explained, and no signature is printed", async () => {
    const text = `<Error><Code>AccessDenied</Code><Q>${SIGNED}</Q></Error>`;
    proxy = await startProxy(
      server.url,
      redirecting(SIGNED, () => createResponse(403, text)),
    );
    const run = await runDoctor(proxy.url);
    expect(run.names("failed")).toEqual(["pull", "range"]);
    expect(formatResult(run.result("pull"))).toMatch(/403[\s\S]*s3:GetObject/);
    expect(JSON.stringify(run.results)).not.toMatch(/0123abcd|AKIA-secret/);
  });
});

describe("with responses of AWS services", () => {
  it("a rejection by an origin of the stack leads to the stack's URL", async () => {
    const message = "this address is not public: use the registry's hostname";
    const body = JSON.stringify({ errors: [{ code: "DENIED", message }] });
    proxy = await startProxy(server.url, {
      respond: ({ method }) => (method === "POST" ? createResponse(403, body) : undefined),
    });
    const run = await runDoctor(proxy.url, { only: ["hostname"] });
    expect(formatResult(run.result("hostname"))).toContain("use the RegistryUrl of the stack");
    expect(run.names("failed")).toEqual(["hostname"]);
  });

  it("fixes contain the hostname from the registry's Warning header, even when a large body is rejected", async () => {
    const warning = '299 - "bodies of any size: https://registry.example.com"';
    proxy = await startProxy(server.url, {
      respond: ({ body }) =>
        body.length > 10_485_760 ? createResponse(413, '{"message":"Request Entity Too Large"}') : undefined,
      modifyResponse: ({ method }, response) =>
        method === "POST" ? withHeaders(response, { warning }) : response,
    });
    const run = await runDoctor(proxy.url, { size: 11_000_000, only: ["hostname", "large-put"] });
    expect([run.names("warning"), run.names("failed")]).toEqual([["hostname"], ["large-put"]]);
    for (const name of ["hostname", "large-put"]) {
      expect(formatResult(run.result(name))).toMatch(/fix: .*https:\/\/registry\.example\.com/);
    }
  });

  it("uploads that CloudFront routes to API Gateway fail routes", async () => {
    proxy = await startProxy(server.url, {
      modifyResponse: (_, response) =>
        withHeaders(response, { "apigw-requestid": "abc", "x-amz-cf-id": "def" }),
    });
    const run = await runDoctor(proxy.url, { only: ["routes"] });
    expect(run.names("failed")).toEqual(["routes"]);
    expect(formatResult(run.result("routes"))).toMatch(/HEAD, PATCH, PUT[\s\S]*viewer-request/);
  });

  it("a closing PUT that exceeds the clients' timeout fails large-patch", async () => {
    let delayMilliseconds = 0;
    proxy = await startProxy(server.url, {
      respond: ({ method, body }) => {
        if (method === "PUT" && body.length === 0) delayMilliseconds += 31_000;
        return undefined;
      },
    });
    const now = () => new Date(Date.now() + delayMilliseconds);
    const run = await runDoctor(proxy.url, { size: 11_000_000, only: ["large-patch"], now });
    expect(run.names("failed")).toEqual(["large-patch"]);
    expect(formatResult(run.result("large-patch"))).toMatch(
      /closing the upload takes 31\.\d s[\s\S]*within 30 s/,
    );
  });
});
