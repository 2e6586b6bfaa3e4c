import { describe, expect, it } from "vitest";
import { emptyResponse, type HttpRequest } from "../../../lib/http/message.ts";
import type { LogLine } from "../../../lib/http/middleware/log.ts";
import { withMiddleware } from "../../../lib/http/middleware/order.ts";
import { type OriginSecretOptions, withOriginSecret } from "../../../lib/http/middleware/origin-secret.ts";
import {
  EDGE_CLIENT_HEADER,
  EDGE_HOST_HEADER,
  ORIGIN_SECRET_HEADER,
  REGISTRY_HOST_HEADER,
} from "../../../lib/ports/headers.ts";

const SECRETS = ["current-secret", "previous-secret"];
const DIRECT = "f1.lambda-web.us-east-1.on.aws";

/** Sends a request through the check. @returns the response, and the request that the application received */
async function send(headers: HttpRequest["headers"], options: Partial<OriginSecretOptions> = {}) {
  let received: HttpRequest | undefined;
  const app = withOriginSecret(
    async (request) => {
      received = request;
      return emptyResponse(200);
    },
    { secrets: SECRETS, ...options },
  );
  const request = { method: "GET", path: "/v2/", query: "", body: undefined, client: "198.51.100.9" };
  const response = await app({ ...request, headers });
  return { ...response, received };
}

const secret = (value: string) => ({ [ORIGIN_SECRET_HEADER]: value });

describe("a request to an origin", () => {
  it.each(SECRETS)(
    "is accepted with a valid secret, which the application does not receive: %s",
    async (value) => {
      const { status, received } = await send({ ...secret(value), accept: "*/*" });
      expect(status).toBe(200);
      expect(received?.headers).toEqual({ accept: "*/*" });
    },
  );

  it.each<[string, HttpRequest["headers"]]>([
    ["no secret", {}],
    ["an empty secret", secret("")],
    ["another secret", secret("another-secret")],
    ["a prefix of the secret", secret("current")],
    ["two secrets in one header", secret(SECRETS.join(", "))],
  ])("is rejected with 403 with %s", async (_, headers) => {
    const { status, body, received } = await send(headers);
    expect(received).toBeUndefined();
    expect(status).toBe(403);
    expect(JSON.parse(String(body))).toEqual({
      errors: [{ code: "DENIED", message: "this address is not public: use the registry's hostname" }],
    });
  });

  it("is rejected, even with an empty secret, when no secret is configured", async () => {
    expect((await send(secret(""), { secrets: [] })).status).toBe(403);
  });

  it.each([
    ["registry.example.org", "registry.example.org"],
    ['a"\r\nx: y', "the registry's hostname"],
  ])("is rejected with the hostname to use, if API Gateway provides a valid one: %j", async (host, name) => {
    const { body } = await send({ [REGISTRY_HOST_HEADER]: host });
    expect(JSON.parse(String(body)).errors[0].message).toBe(`this address is not public: use ${name}`);
  });
});

describe("the client of a request", () => {
  it.each(["203.0.113.7", "2001:db8::7"])(
    "from the distribution has the address that the edge reports: %s",
    async (address) => {
      const { received } = await send({ ...secret("current-secret"), [EDGE_CLIENT_HEADER]: address });
      expect(received?.client).toBe(address);
    },
  );

  it.each([undefined, "", "203.0.113.7:4711", "x\ny"])(
    "has the connecting address if the edge reports %j",
    async (address) => {
      const { received } = await send({ ...secret("current-secret"), [EDGE_CLIENT_HEADER]: address });
      expect(received?.client).toBe("198.51.100.9");
    },
  );
});

describe("an origin that accepts direct requests", () => {
  const options = { acceptsDirect: true };
  const edge = { [EDGE_HOST_HEADER]: "registry.example.org", [EDGE_CLIENT_HEADER]: "203.0.113.7" };

  it.each([{}, secret("wrong")])(
    "serves them without the headers of the edge, which clients can forge: %j",
    async (more) => {
      const { status, received } = await send({ host: DIRECT, ...edge, ...more }, options);
      expect(status).toBe(200);
      expect(received?.headers).toEqual({ host: DIRECT });
      expect(received?.client).toBe("198.51.100.9");
    },
  );

  it("keeps the headers of the edge in requests from the distribution", async () => {
    const { received } = await send({ host: DIRECT, ...edge, ...secret("current-secret") }, options);
    expect(received).toMatchObject({ headers: edge, client: "203.0.113.7" });
  });
});

describe("the origin secret, in the middleware of a runtime,", () => {
  const lines: LogLine[] = [];
  const app = withMiddleware(async () => emptyResponse(200), {
    tokens: (inner) => async (request) =>
      request.path === "/token" ? emptyResponse(201) : await inner(request),
    ...{ logsRequests: true, log: (line) => lines.push(line), now: () => new Date() },
    ...{ servesHealth: true, originSecret: { secrets: SECRETS } },
  });
  const statusOf = async (path: string, headers = {}) =>
    (await app({ method: "GET", path, query: "", headers, body: undefined })).status;

  it("is required for all endpoints except health checks", async () => {
    expect(await statusOf("/healthz")).toBe(200);
    expect(await statusOf("/token")).toBe(403);
    expect(await statusOf("/v2/")).toBe(403);
    expect(await statusOf("/token", secret("current-secret"))).toBe(201);
  });

  it("never appears in the log, which does record rejected requests", async () => {
    await statusOf("/v2/a", secret("current-secret"));
    await statusOf("/v2/b", secret("another-secret"));
    expect(lines).toContainEqual(expect.objectContaining({ path: "/v2/b", status: 403 }));
    expect(JSON.stringify(lines)).not.toMatch(/(current|another)-secret/);
  });
});
