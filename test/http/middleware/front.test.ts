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

it("names the registry's host to who begins an upload at API Gateway itself", async () => {
  expect(await warningOf("POST", 202, DIRECT)).toBe(
    `299 - "this address takes no more than 4.5 MB at once: push larger blobs to ${HOST}"`,
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
  ["who came by the edge", "POST", 202, { ...DIRECT, "x-dockless-host": HOST }],
  ["who mounted a blob", "POST", 201, DIRECT],
  ["who has sent a chunk", "PATCH", 202, DIRECT],
  ["anybody where no host is known", "POST", 202, {}],
  ["anybody where the host is none", "POST", 202, { "x-dockless-registry": 'a"\r\nx: y' }],
])("says nothing to %s", async (_, method, status, headers) => {
  expect(await warningOf(method, status, headers)).toBeUndefined();
});
