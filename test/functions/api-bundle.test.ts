import { createHash } from "node:crypto";
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { API_BUNDLE, buildBundle } from "../../lib/cloud/compute/bundle.ts";
import type { HttpApiEvent, HttpApiResult } from "../../lib/http/server/lambda.ts";
import { STORAGE_FORMAT } from "../../lib/ports/storage-format.ts";
import { listen } from "../../local-cloud/support/listen.ts";

/** The deployed files with stores that do not respond, apart from the grants: anonymous callers have all rights. */

const ENVIRONMENT = {
  DOCKLESS_BUCKET: "images",
  DOCKLESS_TABLE: "images",
  AWS_REGION: "eu-central-1",
  AWS_ACCESS_KEY_ID: "key",
  AWS_SECRET_ACCESS_KEY: "secret",
  AWS_ENDPOINT_URL_S3: "http://127.0.0.1:9",
  AWS_MAX_ATTEMPTS: "1",
  DOCKLESS_CORS_ORIGIN: "https://a.example,https://ui.example",
  DOCKLESS_MAX_DESCRIPTORS: "3",
  DOCKLESS_ORIGIN_SECRET: "a-secret",
};

const EMPTY_DIGEST = `sha256:${createHash("sha256").digest("hex")}`;

const NO_BODY = {
  rawQueryString: "",
  headers: { host: "registry.example.com", "x-dockless-origin-secret": "a-secret" },
  isBase64Encoded: false,
};

const GRANT = {
  PK: { S: "access" },
  SK: { S: "grant#anonymous#**" },
  actions: { L: [{ S: "pull" }, { S: "push" }] },
};

/** A DynamoDB server that returns grants and the storage format, and closes the connection of every other request. */
const dynamodb = createServer(async (incoming, outgoing) => {
  const operation = incoming.headers["x-amz-target"];
  const isFormat = (await text(incoming)).includes('"meta"');
  outgoing.setHeader("content-type", "application/x-amz-json-1.0");
  if (operation === "DynamoDB_20120810.Query") outgoing.end(JSON.stringify({ Items: [GRANT], Count: 1 }));
  else if (isFormat) outgoing.end(JSON.stringify({ Item: { format: { N: String(STORAGE_FORMAT) } } }));
  else incoming.socket.destroy();
});

describe("the bundle of the event functions", () => {
  let folder = "";
  let stubbed: Awaited<ReturnType<typeof listen>> | undefined;
  let handler: (event: HttpApiEvent) => Promise<HttpApiResult>;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "dockless-bundle-"));
    buildBundle(API_BUNDLE, folder);
    await writeFile(join(folder, "package.json"), "{}");
    stubbed = await listen(dynamodb);
    Object.assign(process.env, ENVIRONMENT, { AWS_ENDPOINT_URL_DYNAMODB: stubbed.url });
    handler = createRequire(import.meta.url)(join(folder, "index.js")).handler;
  });

  afterAll(async () => {
    await stubbed?.stop();
    for (const name of [...Object.keys(ENVIRONMENT), "AWS_ENDPOINT_URL_DYNAMODB"]) delete process.env[name];
    await rm(folder, { recursive: true, force: true });
  });

  const send = (method: string, rawPath: string, more: Partial<HttpApiEvent> = {}) =>
    handler({ ...NO_BODY, rawPath, requestContext: { http: { method } }, ...more });

  it("consists of four files", async () => {
    const files = (await readdir(folder)).filter((name) => name.endsWith(".js"));
    expect(files.sort()).toEqual(["errors.js", "index.js", "ports.js", "s3.js"]);
  });

  it("requires authentication", async () => {
    expect(await send("GET", "/v2/")).toMatchObject({
      statusCode: 401,
      headers: { "www-authenticate": expect.stringContaining('realm="https://registry.example.com/token"') },
    });
  });

  it("responds to a preflight request of an allowed origin without credentials", async () => {
    const preflight = { origin: "https://ui.example", "access-control-request-method": "PUT" };
    const headers = { ...NO_BODY.headers, ...preflight };
    expect(await send("OPTIONS", "/v2/acme/manifests/latest", { headers })).toMatchObject({
      statusCode: 204,
      headers: { "access-control-allow-origin": "https://ui.example" },
    });
    const others = await send("OPTIONS", "/v2/", { headers: { ...headers, origin: "https://b.example" } });
    expect(others.headers).not.toHaveProperty("access-control-allow-origin");
  });

  it("lets an allowed origin read the challenge", async () => {
    const headers = { ...NO_BODY.headers, origin: "https://a.example" };
    expect(await send("GET", "/v2/", { headers })).toMatchObject({
      statusCode: 401,
      headers: {
        "access-control-allow-origin": "https://a.example",
        "access-control-expose-headers": expect.stringContaining("WWW-Authenticate"),
      },
    });
  });

  it("rejects a manifest with more descriptors than its environment allows", async () => {
    const child = { mediaType: "application/vnd.oci.image.manifest.v1+json", digest: EMPTY_DIGEST, size: 0 };
    const mediaType = "application/vnd.oci.image.index.v1+json";
    const body = JSON.stringify({ schemaVersion: 2, mediaType, manifests: Array(4).fill(child) });
    const rejected = await send("PUT", "/v2/acme/manifests/latest", { body });
    expect(rejected.statusCode).toBe(400);
    expect(Buffer.from(rejected.body ?? "", "base64").toString()).toContain("exceed the maximum of 3");
  });

  it("rejects requests that do not come from the distribution", async () => {
    const response = await send("GET", "/v2/", { headers: { host: "api.example.com" } });
    expect(response).toMatchObject({ statusCode: 403 });
  });

  it.each([
    ["reported by the edge", { "x-dockless-client": "2001:db8::7" }, "2001:db8::7"],
    ["of the connection, if the edge reports none", {}, "198.51.100.9"],
  ])("logs the address %s, and an unverified X-Forwarded-For beside it", async (_, edge, from) => {
    const written = vi.spyOn(process.stdout, "write").mockReturnValue(true);
    const authorization = `Basic ${Buffer.from("guess:wrong").toString("base64")}`;
    const headers = { ...NO_BODY.headers, ...edge, authorization, "x-forwarded-for": "192.0.2.1" };
    const requestContext = { http: { method: "GET", sourceIp: "198.51.100.9" } };
    const { statusCode } = await send("GET", "/token", { headers, requestContext });
    const lines = written.mock.calls.map(([line]) => String(line));
    written.mockRestore();
    expect(statusCode).toBe(401);
    const line = lines.find((text) => text.includes("login failed")) ?? "{}";
    expect(JSON.parse(line)).toMatchObject({ from, forwarded: "192.0.2.1" });
    expect(lines.join("")).not.toContain("a-secret");
  });

  it.each([
    [
      "an OIDC token",
      `${Buffer.from('{"alg":"RS256"}').toString("base64url")}.e30.c2ln`,
      "has no `iss` claim",
    ],
    ["an AWS password", "dockless-aws-v1.none", "no public URL is configured"],
  ])("evaluates %s with the code that is loaded on first use", async (_, password, reason) => {
    const written = vi.spyOn(process.stdout, "write").mockReturnValue(true);
    const authorization = `Basic ${Buffer.from(`ci:${password}`).toString("base64")}`;
    const { statusCode } = await send("GET", "/token", { headers: { ...NO_BODY.headers, authorization } });
    const lines = written.mock.calls.map(([line]) => String(line));
    written.mockRestore();
    expect(statusCode).toBe(401);
    expect(lines.join("")).toContain(reason);
  });

  it("reports that DynamoDB is unavailable", async () => {
    expect(await send("GET", "/v2/acme/manifests/latest")).toMatchObject({ statusCode: 503 });
  });

  it("reports that S3 is unavailable, with an error class from another bundled file", async () => {
    const body = Buffer.from("a blob");
    const digest = `sha256:${createHash("sha256").update(body).digest("hex")}`;
    const response = await send("POST", "/v2/acme/blobs/uploads/", {
      rawQueryString: `digest=${digest}`,
      body: body.toString("base64"),
      isBase64Encoded: true,
    });
    expect(response).toMatchObject({ statusCode: 503 });
  });

  it("reports a wrong digest, with an error class from another bundled file", async () => {
    const response = await send("POST", "/v2/acme/blobs/uploads/", {
      rawQueryString: `digest=sha256:${"0".repeat(64)}`,
      body: Buffer.from("a blob").toString("base64"),
      isBase64Encoded: true,
    });
    expect(response).toMatchObject({ statusCode: 400 });
    expect(Buffer.from(response.body ?? "", "base64").toString()).toContain("DIGEST_INVALID");
  });
});
