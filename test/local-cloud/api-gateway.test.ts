import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Integration, startApiGateway } from "../../local-cloud/api-gateway/server.ts";
import { FunctionError } from "../../local-cloud/lambda/environment.ts";
import { InvocationRefusedError } from "../../local-cloud/lambda/function.ts";
import { type ReceivedResponse, type SentRequest, sendRequest } from "../../local-cloud/send-request.ts";
import { Stats } from "../../local-cloud/stats.ts";
import type { ListeningServer } from "../../local-cloud/support/listen.ts";
import type { Rate } from "../../local-cloud/token-bucket.ts";

const MIB = 1024 * 1024;

/** Last event that the function received. */
let event: Record<string, unknown> = {};
/** Behaviour of the function. */
let act: () => Promise<unknown> = async () => ({ statusCode: 200 });

const stats = new Stats();
const gateways = new Map<string, ListeningServer>();

async function start(isHarsh: boolean, throttle?: Rate): Promise<ListeningServer> {
  const invoke = async (text: string) => {
    event = JSON.parse(text);
    return JSON.stringify(await act());
  };
  const integration: Integration = {
    target: { invoke },
    mapping: { "overwrite:header.x-dockless-registry": "registry.example" },
    timeout: 300,
  };
  const keys = ["GET /v2/{proxy+}", "GET /v2", "ANY /any/{name}", "POST /v2/{proxy+}", "$default"];
  const routes = keys.map((key) => ({ key, integration }));
  const names = { apiId: "abc", domainName: "abc.execute-api.us-east-1.amazonaws.com" };
  return await startApiGateway({ ...names, routes, throttle, isHarsh, stats });
}

beforeAll(async () => {
  gateways.set("normal", await start(false));
  gateways.set("harsh", await start(true));
  gateways.set("throttled", await start(false, { rate: 0.001, burst: 2 }));
});
afterAll(() => Promise.all([...gateways.values()].map((gateway) => gateway.stop())));

async function ask(request: SentRequest, mode = "normal"): Promise<ReceivedResponse> {
  return await sendRequest(gateways.get(mode)?.port ?? 0, request);
}

async function fail(error: Error): Promise<never> {
  throw error;
}

describe("an HTTP API rejects", () => {
  it.each<[string, number, SentRequest, () => Promise<unknown>]>([
    ["a body above 10 MB", 413, { method: "PUT", body: Buffer.alloc(10 * MIB + 1) }, act],
    ["headers above 10,240 bytes", 431, { headers: { a: "a".repeat(10_240) } }, act],
    ["a response after the time limit", 503, {}, () => new Promise((resolve) => setTimeout(resolve, 600))],
    [
      "an invocation that Lambda finds too large",
      413,
      {},
      () => fail(new InvocationRefusedError(413, "Request must be smaller")),
    ],
    [
      "an invocation that Lambda throttles",
      429,
      {},
      () => fail(new InvocationRefusedError(429, "Rate Exceeded.")),
    ],
    ["the error message of a function", 500, {}, () => fail(new FunctionError("Error", "secret"))],
    ["a response without a valid status", 500, {}, async () => ({ statusCode: "yes" })],
  ])("%s, with %d", async (_, status, request, doing) => {
    act = doing;
    const heard = await ask(request);
    expect(heard.status).toBe(status);
    expect(Object.keys(JSON.parse(heard.body))).toEqual(["message"]);
    expect(heard.headers["apigw-requestid"]).toBeDefined();
    expect(heard.body).not.toContain("secret");
  });

  it("no request within its limits", async () => {
    act = async () => ({ statusCode: 201 });
    const headers = { a: "a".repeat(10_000) };
    const heard = await ask({ method: "PUT", headers, body: Buffer.alloc(10 * MIB) });
    expect(heard.status).toBe(201);
  });
});

describe("a throttled stage", () => {
  it("rejects requests above the burst with 429, before the function is invoked", async () => {
    let invocations = 0;
    act = async () => {
      invocations++;
      return { statusCode: 200 };
    };
    const responses = [];
    for (const path of ["/v2/a", "/v2/b", "/v2/c"]) responses.push(await ask({ path }, "throttled"));
    expect(responses.map(({ status }) => status)).toEqual([200, 200, 429]);
    expect(JSON.parse(responses[2]?.body ?? "")).toEqual({ message: "Too Many Requests" });
    expect(invocations).toBe(2);
  });
});

describe("an event", () => {
  it("has the payload format 2.0", async () => {
    act = async () => ({ statusCode: 200 });
    await ask({
      path: "/v2/a/b%3Ac?x=1&x=2&y=%20",
      headers: {
        "X-Upper": "Value",
        cookie: "a=1; b=2",
        te: "trailers",
        connection: "close, x-hop",
        "x-hop": "1",
      },
    });
    expect(event).toMatchObject({
      version: "2.0",
      routeKey: "GET /v2/{proxy+}",
      rawPath: "/v2/a/b%3Ac",
      rawQueryString: "x=1&x=2&y=%20",
      queryStringParameters: { x: "1,2", y: " " },
      pathParameters: { proxy: "a/b%3Ac" },
      cookies: ["a=1", "b=2"],
      headers: { "x-upper": "Value", "x-dockless-registry": "registry.example" },
      requestContext: { http: { method: "GET", path: "/v2/a/b%3Ac" }, stage: "$default" },
      isBase64Encoded: false,
    });
    expect(event).not.toHaveProperty("body");
    for (const name of ["te", "connection", "x-hop", "cookie"])
      expect(event["headers"]).not.toHaveProperty(name);
  });

  it.each([
    ["application/octet-stream", true],
    ["application/vnd.oci.image.manifest.v1+json", true],
    ["text/plain; charset=utf-8", false],
    ["application/json", false],
  ])("with a body of type %s is base64-encoded: %s", async (type, isBase64Encoded) => {
    await ask({ method: "PUT", headers: { "content-type": type }, body: "{}" });
    expect(event["isBase64Encoded"]).toBe(isBase64Encoded);
    expect(Buffer.from(String(event["body"]), isBase64Encoded ? "base64" : "utf8").toString()).toBe("{}");
  });

  it.each([
    ["GET", "/v2/a", "GET /v2/{proxy+}"],
    ["GET", "/v2", "GET /v2"],
    ["HEAD", "/v2/a", "$default"],
    ["POST", "/v2/a/b", "POST /v2/{proxy+}"],
    ["PUT", "/any/one", "ANY /any/{name}"],
    ["PUT", "/any/one/two", "$default"],
    ["GET", "/v2/", "$default"],
  ])("for %s %s has the route %s", async (method, path, routeKey) => {
    await ask({ method, path });
    expect(event["routeKey"]).toBe(routeKey);
  });

  it("has the API's value for a mapped header", async () => {
    await ask({ headers: { "X-Dockless-Registry": "evil.example" } });
    expect(event["headers"]).toMatchObject({ "x-dockless-registry": "registry.example" });
  });
});

describe("a response", () => {
  it("is forwarded unchanged, with its body decoded", async () => {
    const headers = { "X-One": "1", connection: "close", "content-length": "1000" };
    const body = Buffer.from("bytes").toString("base64");
    act = async () => ({ statusCode: 202, headers, cookies: ["a=1", "b=2"], body, isBase64Encoded: true });
    const heard = await ask({});
    expect(heard).toMatchObject({ status: 202, body: "bytes" });
    expect(heard.headers).toMatchObject({
      "x-one": "1",
      "content-length": "5",
      "set-cookie": ["a=1", "b=2"],
    });
  });

  const challenge = { "www-authenticate": "Bearer", "content-length": "1234" };
  it.each([
    ["normal", { "www-authenticate": "Bearer", "content-length": "1234" }],
    [
      "harsh",
      {
        "x-amzn-remapped-www-authenticate": "Bearer",
        "x-amzn-remapped-content-length": "1234",
        "content-length": "0",
      },
    ],
  ])(
    "to HEAD shows, in %s mode, the alternative behaviour for challenge and length",
    async (mode, expected) => {
      act = async () => ({ statusCode: 401, headers: challenge });
      const { headers } = await ask({ method: "HEAD" }, mode);
      expect(headers).toMatchObject(expected);
      expect("www-authenticate" in headers).toBe(mode === "normal");
    },
  );

  it("alternates between decoded and undecoded paths in harsh mode", async () => {
    act = async () => ({ statusCode: 200 });
    const seen = new Set<unknown>();
    for (let count = 0; count < 4; count++) {
      await ask({ path: "/v2/sha256%3Aabc" }, "harsh");
      seen.add(event["rawPath"]);
    }
    expect(seen).toEqual(new Set(["/v2/sha256%3Aabc", "/v2/sha256:abc"]));
  });
});
