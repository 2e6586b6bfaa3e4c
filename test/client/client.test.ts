import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from "node:http";
import { afterEach, describe, expect, it } from "vitest";
import { Client, type ClientOptions, type RequestOptions } from "../../lib/client/client.ts";
import { ClientError, type ClientFailure } from "../../lib/client/client-error.ts";
import { createBlob } from "../../lib/client/content.ts";
import { type ListeningServer, listen } from "../../local-cloud/support/listen.ts";

const CREDENTIALS = { username: "ci", password: "secret" };
const NOW = new Date("2026-11-28T12:00:00Z");

let registry: ListeningServer;
let client: Client;
afterEach(async () => {
  client.close();
  await registry.stop();
});

/** Starts a registry with this listener, and creates a client for it. */
async function start(listener: RequestListener, options: Partial<ClientOptions> = {}): Promise<void> {
  registry = await listen(createServer(listener));
  const defaults = {
    ...{ base: new URL(registry.url), scope: "repository:app:pull", credentials: CREDENTIALS },
    ...{ userAgent: "test-client", timeout: 10, now: () => NOW },
  };
  client = new Client({ ...defaults, ...options }, () => new AbortController().signal);
}

function respondWith(status: number, body = "", headers: Readonly<Record<string, string>> = {}) {
  return (_: IncomingMessage, response: ServerResponse) => response.writeHead(status, headers).end(body);
}

const closeConnection: RequestListener = (request) => request.socket.destroy();

/** Returns 401 with this challenge for all paths except its realm. */
function requireToken(token: RequestListener, challengeOf = (realm: string) => `Bearer realm="${realm}"`) {
  return (request: IncomingMessage, response: ServerResponse) => {
    if (request.url?.startsWith("/token")) return token(request, response);
    if (request.headers.authorization === "Bearer t1") return respondWith(200)(request, response);
    const challenge = challengeOf(`http://${request.headers.host}/token`);
    return respondWith(401, "", { "www-authenticate": challenge })(request, response);
  };
}

async function failureOf(work: Promise<unknown>): Promise<ClientFailure> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  return error instanceof ClientError
    ? error.failure
    : expect.fail(`expected a ClientError, got ${String(error)}`);
}

describe("a client", () => {
  it("requests a token from the challenge's realm once, and reuses it", async () => {
    const tokenRequests: string[] = [];
    const token: RequestListener = (request, response) => {
      tokenRequests.push(`${request.headers.authorization} ${request.url}`);
      respondWith(200, '{"token":"t1","expires_in":300}')(request, response);
    };
    await start(requireToken(token));
    for (const path of ["/v2/", "/v2/app/tags/list"])
      expect((await client.send("GET", path)).status).toBe(200);
    expect(tokenRequests).toEqual(["Basic Y2k6c2VjcmV0 /token?scope=repository%3Aapp%3Apull"]);
  });

  it("requests another token after half of the token's lifetime", async () => {
    let [now, tokens] = [NOW.getTime(), 0];
    const token: RequestListener = (request, response) => {
      tokens += 1;
      respondWith(200, '{"token":"t1","expires_in":300}')(request, response);
    };
    await start(requireToken(token), { now: () => new Date(now) });
    await client.send("GET", "/v2/");
    now += 150_000;
    await client.send("GET", "/v2/");
    expect(tokens).toBe(1);
    now += 1;
    await client.send("GET", "/v2/");
    expect(tokens).toBe(2);
  });

  it("sends its User-Agent with each request, and as client_id in token requests by form", async () => {
    const names: (string | undefined)[] = [];
    await start((request, response) => {
      names.push(request.headers["user-agent"]);
      request.on("data", (chunk) =>
        names.push(new URLSearchParams(String(chunk)).get("client_id") ?? undefined),
      );
      request.on("end", () => respondWith(200)(request, response));
    });
    const challenge = { scheme: "bearer", parameters: { realm: `${registry.url}/token` } } as const;
    await client.authenticator.requestTokenByPost(challenge, CREDENTIALS);
    expect(names).toEqual(["test-client", "test-client"]);
  });

  it("sends no Authorization header to another host or with an anonymous request", async () => {
    const sent: (string | undefined)[] = [];
    await start((request, response) => {
      sent.push(request.headers.authorization);
      respondWith(401, "", { "www-authenticate": 'Basic realm="x"' })(request, response);
    });
    await client.sendUnauthenticated("GET", new URL("/blob", registry.url));
    await client.send("GET", "/v2/", { isAnonymous: true });
    expect(sent).toEqual([undefined, undefined]);
    await client.send("GET", "/v2/");
    expect(sent.at(-1)).toBe("Basic Y2k6c2VjcmV0");
  });

  it("retries a request once when its keep-alive connection was closed", async () => {
    let requests = 0;
    await start((request, response) => {
      requests += 1;
      if (requests === 2) return closeConnection(request, response);
      respondWith(200)(request, response);
    });
    const options: RequestOptions = { isAnonymous: true };
    await client.send("GET", "/v2/", options);
    expect((await client.send("GET", "/v2/", options)).status).toBe(200);
    expect(requests).toBe(3);
  });
});

describe("a client fails with", () => {
  it("NO_RESPONSE and the number of sent bytes when the connection is closed", async () => {
    await start((request) => request.once("data", () => request.socket.destroy()));
    const body = createBlob(Buffer.alloc(1000));
    const failure = await failureOf(client.send("PUT", "/v2/", { isAnonymous: true, body }));
    expect(failure).toEqual({ code: "NO_RESPONSE", reason: "ECONNRESET", sentBytes: 1000 });
  });

  it("NO_RESPONSE when the idle timeout elapses", async () => {
    await start(() => undefined, { timeout: 0.05 });
    const failure = await failureOf(client.send("GET", "/v2/", { isAnonymous: true }));
    expect(failure).toEqual({ code: "NO_RESPONSE", reason: "ETIMEDOUT", sentBytes: 0 });
  });

  it("CREDENTIALS_REQUIRED when it is challenged and has no credentials", async () => {
    await start(requireToken(respondWith(500)), { credentials: undefined });
    expect(await failureOf(client.send("GET", "/v2/"))).toEqual({ code: "CREDENTIALS_REQUIRED" });
  });

  it.each<[string, string, string]>([
    ["is malformed", "Bearer", "it is missing or malformed"],
    ["has no realm", 'Bearer service="x"', "it has no realm"],
    ["has a relative realm", 'Bearer realm="/token"', "its realm is not an absolute URL"],
    [
      "has a realm over plain HTTP",
      'Bearer realm="http://other.example/token"',
      "its realm is not an https URL",
    ],
  ])("CHALLENGE_INVALID when the challenge %s", async (_, text, fault) => {
    await start(requireToken(respondWith(500), () => text));
    const expected = {
      code: "CHALLENGE_INVALID",
      fault,
      response: expect.objectContaining({ status: 401 }),
    };
    expect(await failureOf(client.send("GET", "/v2/"))).toEqual(expected);
  });

  it("TOKEN_NO_RESPONSE when the token service closes the connection", async () => {
    await start(requireToken(closeConnection));
    const failure = await failureOf(client.send("GET", "/v2/"));
    expect(failure).toEqual({ code: "TOKEN_NO_RESPONSE", reason: "ECONNRESET", sentBytes: 0 });
  });

  it("TOKEN_REJECTED and the response when the token service rejects the credentials", async () => {
    await start(requireToken(respondWith(401, "wrong password")));
    const rejection = expect.objectContaining({ status: 401, body: Buffer.from("wrong password") });
    expect(await failureOf(client.send("GET", "/v2/"))).toEqual({
      code: "TOKEN_REJECTED",
      response: rejection,
    });
  });

  it.each(["no JSON", "{}", '{"token":""}', '{"token":1}', "null"])(
    "TOKEN_MISSING when the token service returns 200 with %s",
    async (body) => {
      await start(requireToken(respondWith(200, body)));
      const expected = { code: "TOKEN_MISSING", response: expect.objectContaining({ status: 200 }) };
      expect(await failureOf(client.send("GET", "/v2/"))).toEqual(expected);
    },
  );
});
