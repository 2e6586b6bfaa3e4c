import { expect, it } from "vitest";
import { withDirectWarning } from "../../../lib/http/middleware/front.ts";

const HOST = "registry.example.com";
const DIRECT = { "x-dockless-registry": HOST };

async function warningOf(method: string, status: number, headers: Record<string, string>) {
  const app = withDirectWarning(async () => ({ status, headers: { location: "/v2/a/blobs/uploads/1" } }));
  const response = await app({ method, path: "/v2/a/blobs/uploads/", query: "", headers, body: undefined });
  expect(response).toMatchObject({ status, headers: { location: "/v2/a/blobs/uploads/1" } });
  return response.headers["warning"];
}

it("warns a client that starts an upload directly at API Gateway, and names the registry's host", async () => {
  expect(await warningOf("POST", 202, DIRECT)).toBe(
    `299 - "request bodies are limited to 4.5 MB at this host: push larger blobs to ${HOST}"`,
  );
});

it("sends no warning that is longer than the spec allows", async () => {
  const longest = "a".repeat(255);
  const warning = await warningOf("POST", 202, { "x-dockless-registry": longest });
  expect(warning).toContain(longest);
  expect(warning?.length).toBeLessThan(4096);
  expect(await warningOf("POST", 202, { "x-dockless-registry": "a".repeat(4096) })).toBeUndefined();
});

it.each([
  ["a client that came through the edge", "POST", 202, { ...DIRECT, "x-dockless-host": HOST }],
  ["a client that mounted a blob", "POST", 201, DIRECT],
  ["a client that sent a chunk", "PATCH", 202, DIRECT],
  ["any client when no host is known", "POST", 202, {}],
  ["any client when the host is malformed", "POST", 202, { "x-dockless-registry": 'a"\r\nx: y' }],
])("does not warn %s", async (_, method, status, headers) => {
  expect(await warningOf(method, status, headers)).toBeUndefined();
});
