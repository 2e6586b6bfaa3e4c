import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { linesOf } from "../../lib/doctor/findings/report.ts";
import { type RunningServer, startServer } from "../support/server.ts";
import { answerOf, withHeaders } from "./fronts/spoil.ts";
import { type Answered, type Asked, type Front, type Spoil, startFront } from "./spoiled.ts";
import { visit } from "./visits.ts";

const CREDENTIALS = { username: "ci", password: "a very secret password" };
const BASIC = `Basic ${Buffer.from(`${CREDENTIALS.username}:${CREDENTIALS.password}`).toString("base64")}`;
const TOKEN = "token-of-this-front-1234567890";

let server: RunningServer;
let front: Front;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.dispose());
afterEach(() => front.stop());

/** A front that lets nobody in without a token. */
function guarded(challengeOf: (realm: string, asked: Asked) => Answered["headers"]): Spoil {
  return {
    instead: (asked, self) => {
      if (asked.path.startsWith("/token")) return token(asked);
      if (asked.headers.authorization === `Bearer ${TOKEN}`) return undefined;
      return answerOf(401, '{"errors":[{"code":"UNAUTHORIZED"}]}', {
        "docker-distribution-api-version": "registry/2.0",
        ...challengeOf(`${self}/token`, asked),
      });
    },
  };
}

function token({ method, headers, body, path }: Asked): Answered {
  const form = new URLSearchParams(body.toString());
  const isKnown =
    method === "GET"
      ? headers.authorization === BASIC && path.includes("scope=repository%3Adoctor")
      : form.get("password") === CREDENTIALS.password && form.get("scope")?.startsWith("repository:doctor/");
  return isKnown
    ? answerOf(200, JSON.stringify({ token: TOKEN, access_token: TOKEN, expires_in: 300 }))
    : answerOf(401, '{"errors":[{"code":"UNAUTHORIZED"}]}');
}

const bearer = (realm: string) => `Bearer realm="${realm}",service="registry.example"`;
const wellFormed = guarded((realm) => ({ "www-authenticate": bearer(realm) }));

describe("where clients have to sign in", () => {
  it("all is well with the right password, and no secret is printed", async () => {
    front = await startFront(server.url, wellFormed);
    const visited = await visit(front.url, { credentials: CREDENTIALS });
    expect([visited.names("failed"), visited.names("warning"), visited.exitCode]).toEqual([[], [], 0]);
    for (const name of ["challenge", "token-get", "token-post"])
      expect(visited.result(name).status).toBe("ok");
    expect(JSON.stringify(visited.results)).not.toContain(TOKEN);
  });

  it("what needs credentials is skipped without them", async () => {
    front = await startFront(server.url, wellFormed);
    const visited = await visit(front.url);
    expect([visited.names("failed"), visited.result("challenge").status]).toEqual([[], "ok"]);
    expect(visited.result("push-put")).toMatchObject({
      status: "skipped",
      summary: expect.stringContaining("--password-stdin"),
    });
  });

  it("a wrong password fails the checks of the token, and the others are skipped", async () => {
    front = await startFront(server.url, wellFormed);
    const credentials = { ...CREDENTIALS, password: "another secret" };
    const visited = await visit(front.url, { credentials });
    expect(visited.names("failed")).toEqual(["token-get"]);
    expect(linesOf(visited.result("token-get"))).toMatch(/401[\s\S]*password/);
    expect(visited.result("push-put").status).toBe("skipped");
    expect(JSON.stringify(visited.results)).not.toContain("another secret");
  });

  it.each<[string, Answered | "hang up", RegExp]>([
    ["hangs up", "hang up", /there was no answer[\s\S]*ECONNRESET/],
    ["sends none", answerOf(200, "{}"), /the answer has no token[\s\S]*no content type, 2 bytes/],
  ])("a token service that %s fails token-get, and the others are skipped", async (_, answered, says) => {
    front = await startFront(server.url, {
      instead: (asked, self) =>
        asked.path.startsWith("/token") ? answered : wellFormed.instead?.(asked, self),
    });
    const visited = await visit(front.url, { credentials: CREDENTIALS });
    expect(visited.names("failed")).toEqual(["token-get"]);
    expect(linesOf(visited.result("token-get"))).toMatch(says);
    for (const name of ["token-post", "push-put"])
      expect(visited.result(name)).toMatchObject({
        status: "skipped",
        summary: 'needs what "token-get" checks',
      });
  });

  it("a failing sign-in fails the first check that needs it when its own check is left out", async () => {
    front = await startFront(server.url, {
      instead: (asked, self) =>
        asked.path.startsWith("/token") ? answerOf(401, "") : wellFormed.instead?.(asked, self),
    });
    const visited = await visit(front.url, { credentials: CREDENTIALS, only: ["push-put", "pull"] });
    expect(visited.names("failed")).toEqual(["push-put", "pull"]);
    expect(visited.result("pull").summary).toBe("the request for a token was answered with 401");
  });

  it("a challenge under another name is told, and is used for the other checks", async () => {
    front = await startFront(
      server.url,
      guarded((realm) => ({ "x-amzn-remapped-www-authenticate": bearer(realm) })),
    );
    const visited = await visit(front.url, { credentials: CREDENTIALS });
    expect(visited.names("failed")).toEqual(["challenge"]);
    expect(linesOf(visited.result("challenge"))).toMatch(
      /x-amzn-remapped-www-authenticate[\s\S]*API Gateway/,
    );
  });

  it("a challenge that only HEAD loses is told", async () => {
    front = await startFront(
      server.url,
      guarded((realm, { method }) => (method === "HEAD" ? {} : { "www-authenticate": bearer(realm) })),
    );
    const visited = await visit(front.url, { credentials: CREDENTIALS });
    expect(visited.names("failed")).toEqual(["challenge"]);
    expect(visited.result("challenge").summary).toContain("HEAD");
  });

  it.each<[string, string, RegExp]>([
    ["is not well-formed", "Bearer", /not well-formed/],
    ["has no realm", 'Bearer service="x"', /no realm/],
    ["has a realm that is a path", 'Bearer realm="/token",service="x"', /no absolute URL/],
    ["has a realm over plain HTTP", 'Bearer realm="http://other.example/token",service="x"', /not https/],
  ])("a challenge that %s is told, and the password stays here", async (_, text, says) => {
    front = await startFront(
      server.url,
      guarded(() => ({ "www-authenticate": text })),
    );
    const visited = await visit(front.url, { credentials: CREDENTIALS });
    expect(visited.names("failed")).toEqual(["challenge"]);
    expect(linesOf(visited.result("challenge"))).toMatch(says);
    expect(front.asked.filter(({ headers }) => headers.authorization !== undefined)).toEqual([]);
  });
});

describe("where blobs lie in another place", () => {
  const SIGNED = "X-Amz-Expires=900&X-Amz-Credential=AKIA-secret&X-Amz-Signature=0123abcd";

  /** Sends GETs of blobs to the same front under another name. */
  function redirecting(
    query: string,
    serve: (asked: Asked) => Answered | undefined = () => undefined,
  ): Spoil {
    return {
      instead: (asked, self) => {
        if (asked.path.startsWith("/stored/")) return serve(asked);
        if (asked.method !== "GET" || !/\/blobs\/sha256/.test(asked.path)) return undefined;
        const elsewhere = self.replace("127.0.0.1", "localhost");
        return answerOf(307, "", { location: `${elsewhere}/stored${asked.path}?${query}` });
      },
      request: (asked) => ({ ...asked, path: asked.path.replace(/^\/stored([^?]*).*$/, "$1") }),
    };
  }

  it("pulls and ranges follow, without Authorization, and the URL's life is told", async () => {
    front = await startFront(server.url, redirecting(SIGNED));
    const visited = await visit(front.url, { size: 11_000_000 });
    expect([visited.names("failed"), visited.names("warning")]).toEqual([[], []]);
    expect(visited.result("pull").summary).toMatch(/^307 to localhost:\d+, .* 900 s$/);
  });

  it("a URL that is good for seconds is warned of", async () => {
    front = await startFront(server.url, redirecting(SIGNED.replace("900", "5")));
    const visited = await visit(front.url);
    expect([visited.names("failed"), visited.names("warning"), visited.exitCode]).toEqual([[], ["pull"], 0]);
  });

  it("a refusal there is explained, and no signature is printed", async () => {
    const text = `<Error><Code>AccessDenied</Code><Q>${SIGNED}</Q></Error>`;
    front = await startFront(
      server.url,
      redirecting(SIGNED, () => answerOf(403, text)),
    );
    const visited = await visit(front.url);
    expect(visited.names("failed")).toEqual(["pull", "range"]);
    expect(linesOf(visited.result("pull"))).toMatch(/403[\s\S]*s3:GetObject/);
    expect(JSON.stringify(visited.results)).not.toMatch(/0123abcd|AKIA-secret/);
  });
});

describe("what looks like AWS", () => {
  it("a warning of the registry names the right hostname, also when a large body is refused", async () => {
    const warning = '299 - "bodies of any size: https://registry.example.com"';
    front = await startFront(server.url, {
      instead: ({ body }) =>
        body.length > 10_485_760 ? answerOf(413, '{"message":"Request Entity Too Large"}') : undefined,
      answer: ({ method }, answered) => (method === "POST" ? withHeaders(answered, { warning }) : answered),
    });
    const visited = await visit(front.url, { size: 11_000_000, only: ["hostname", "large-put"] });
    expect([visited.names("warning"), visited.names("failed")]).toEqual([["hostname"], ["large-put"]]);
    for (const name of ["hostname", "large-put"]) {
      expect(linesOf(visited.result(name))).toMatch(/do: .*https:\/\/registry\.example\.com/);
    }
  });

  it("uploads that API Gateway answers behind CloudFront fail the check of routes", async () => {
    front = await startFront(server.url, {
      answer: (_, answered) => withHeaders(answered, { "apigw-requestid": "abc", "x-amz-cf-id": "def" }),
    });
    const visited = await visit(front.url, { only: ["routes"] });
    expect(visited.names("failed")).toEqual(["routes"]);
    expect(linesOf(visited.result("routes"))).toMatch(/HEAD, PATCH, PUT[\s\S]*viewer-request/);
  });

  it("a closing PUT that takes longer than clients wait fails", async () => {
    let late = 0;
    front = await startFront(server.url, {
      instead: ({ method, body }) => {
        if (method === "PUT" && body.length === 0) late += 31_000;
        return undefined;
      },
    });
    const now = () => new Date(Date.now() + late);
    const visited = await visit(front.url, { size: 11_000_000, only: ["large-patch"], now });
    expect(visited.names("failed")).toEqual(["large-patch"]);
    expect(linesOf(visited.result("large-patch"))).toMatch(/closing takes 31\.\d s[\s\S]*within 30 s/);
  });
});
