import { expect, it } from "vitest";
import type { App, HttpRequest } from "../../../lib/http/message.ts";
import { createLambdaHandler, type HttpApiEvent } from "../../../lib/http/server/lambda.ts";
import { bodyOf, collect } from "../../../lib/ports/body.ts";

const EVENT: HttpApiEvent = {
  rawPath: "/v2/",
  rawQueryString: "",
  headers: {},
  requestContext: { http: { method: "GET" } },
  isBase64Encoded: false,
};

const BINARY = Buffer.from([0, 255, 128, 10, 13, 194]);

/** Returns the request that the application receives, and its body. */
async function receive(
  event: Partial<HttpApiEvent>,
): Promise<HttpRequest & { readonly bytes: Buffer | undefined }> {
  const result = Promise.withResolvers<HttpRequest & { readonly bytes: Buffer | undefined }>();
  const app: App = async (request) => {
    const bytes = request.body === undefined ? undefined : Buffer.from(await collect(request.body));
    result.resolve({ ...request, bytes });
    return { status: 200, headers: {} };
  };
  await createLambdaHandler(app)({ ...EVENT, ...event });
  return await result.promise;
}

const respondWith = (response: Awaited<ReturnType<App>>) => createLambdaHandler(async () => response)(EVENT);

it("passes the method, the unchanged path, the query and the headers", async () => {
  const request = await receive({
    rawPath: "/v2/a/blobs/sha256%3A00",
    rawQueryString: "n=1&last=a%2Fb",
    headers: { accept: "a/b,c/d" },
    requestContext: { http: { method: "HEAD" } },
  });
  expect(request).toMatchObject({
    method: "HEAD",
    path: "/v2/a/blobs/sha256%3A00",
    query: "n=1&last=a%2Fb",
    headers: { accept: "a/b,c/d" },
    body: undefined,
  });
});

it.each([
  ["binary", { body: BINARY.toString("base64"), isBase64Encoded: true }, BINARY],
  ["of text", { body: '{"ä":1}', isBase64Encoded: false }, Buffer.from('{"ä":1}')],
  [
    "of text in base64",
    { body: Buffer.from("ä").toString("base64"), isBase64Encoded: true },
    Buffer.from("ä"),
  ],
])("passes a body %s", async (_, event, bytes) => {
  expect((await receive(event)).bytes).toEqual(bytes);
});

it.each([
  ["missing", {}],
  ["empty", { body: "" }],
])("treats a body that is %s as absent", async (_, event) => {
  expect((await receive(event)).body).toBeUndefined();
});

it.each([
  ["bytes", BINARY],
  ["a stream", bodyOf(BINARY.subarray(0, 2), BINARY.subarray(2))],
])("returns %s byte for byte", async (_, body) => {
  const result = await respondWith({ status: 200, headers: { "content-length": "6" }, body });
  expect(result).toMatchObject({
    statusCode: 200,
    headers: { "content-length": "6" },
    isBase64Encoded: true,
  });
  expect(Buffer.from(result.body ?? "", "base64")).toEqual(BINARY);
});

it("encodes text as UTF-8", async () => {
  const { body } = await respondWith({ status: 404, headers: {}, body: "ä" });
  expect(Buffer.from(body ?? "", "base64").toString()).toBe("ä");
});

it("returns an event without a body for a response without a body", async () => {
  const headers = { "content-length": "42", "docker-content-digest": "sha256:00" };
  expect(await respondWith({ status: 200, headers })).toEqual({
    statusCode: 200,
    headers,
    isBase64Encoded: false,
  });
});

it("returns the largest manifest in less than 6 MB", async () => {
  const result = await respondWith({ status: 200, headers: {}, body: Buffer.alloc(4 * 1024 * 1024) });
  expect(JSON.stringify(result).length).toBeLessThan(6 * 1024 * 1024);
});
