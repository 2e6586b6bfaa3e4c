import { createServer } from "node:http";
import { describe, expect, it, vi } from "vitest";
import { functionApp } from "../../functions/compose.ts";
import { frontHost } from "../../lib/http/public-host.ts";
import { listen } from "../../local-cloud/support/listen.ts";

const HEADERS = { host: "a.example", "x-dockless-origin-secret": "a-secret" };

describe("the functions on a table of another storage format", () => {
  it("reject every request, and log the reason in one line", async () => {
    const dynamodb = await listen(
      createServer((_, response) => response.end(JSON.stringify({ Item: { format: { N: "7" } } }))),
    );
    vi.stubEnv("AWS_ACCESS_KEY_ID", "key");
    vi.stubEnv("AWS_SECRET_ACCESS_KEY", "secret");
    const lines: string[] = [];
    const write = vi
      .spyOn(process.stdout, "write")
      .mockImplementation((line) => lines.push(String(line)) > 0);
    const app = functionApp(
      {
        DOCKLESS_BUCKET: "images",
        DOCKLESS_TABLE: "images",
        DOCKLESS_ORIGIN_SECRET: "a-secret",
        AWS_REGION: "eu-central-1",
        AWS_ENDPOINT_URL_DYNAMODB: dynamodb.url,
      },
      {
        loadS3: () => Promise.reject(new Error("unused")),
        hostOf: frontHost,
        audienceOf: () => undefined,
        middleware: {},
      },
    );
    const request = { method: "GET", path: "/v2/a/manifests/b", query: "", headers: HEADERS };
    try {
      expect((await app({ ...request, body: (async function* () {})() })).status).toBe(500);
    } finally {
      write.mockRestore();
      vi.unstubAllEnvs();
      await dynamodb.stop();
    }
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain("stored data has format 7");
  });
});
