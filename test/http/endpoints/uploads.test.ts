import { describe, expect, it } from "vitest";
import type { Client, ReceivedResponse } from "../../support/client.ts";
import { digestOf, sampleBytes, UNKNOWN_DIGEST } from "../content.ts";
import { startUpload } from "../push.ts";
import { failureOf, locationOf, withQuery } from "../responses.ts";
import { forEachBackend } from "../test-context.ts";

type Upload = (
  client: Client,
  repository: string,
  content: Buffer,
  digest: string,
) => Promise<ReceivedResponse>;

const THIRDS = 3;

/** Splits content into chunks with their `Content-Range`. */
function chunksOf(content: Buffer): readonly { readonly body: Buffer; readonly range: string }[] {
  const size = Math.max(Math.ceil(content.length / THIRDS), 1);
  return Array.from({ length: Math.ceil(content.length / size) }, (_, index) => {
    const body = content.subarray(index * size, (index + 1) * size);
    return { body, range: `${index * size}-${index * size + body.length - 1}` };
  });
}

async function patchAll(
  client: Client,
  location: string,
  chunks: ReturnType<typeof chunksOf>,
  withRange: boolean,
) {
  let next = location;
  for (const { body, range } of chunks) {
    const response = await client.patch(next, { body, headers: withRange ? { "content-range": range } : {} });
    expect(response.status).toBe(202);
    expect(response.headers.range).toBe(`0-${range.split("-")[1]}`);
    next = locationOf(response);
  }
  return next;
}

/**
 * Every way into the registry. Empty content has no chunks, and so no `Content-Range`.
 * @see https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#pushing-blobs
 */
const UPLOADS: readonly (readonly [string, Upload])[] = [
  [
    "a single POST",
    (client, repository, body, digest) =>
      client.post(`/v2/${repository}/blobs/uploads/?digest=${digest}`, { body }),
  ],
  [
    "a single POST with chunked transfer encoding",
    (client, repository, content, digest) =>
      client.post(`/v2/${repository}/blobs/uploads/?digest=${digest}`, { chunks: [content] }),
  ],
  [
    "a POST and a PUT",
    async (client, repository, body, digest) =>
      client.put(withQuery(await startUpload(client, repository), `digest=${digest}`), { body }),
  ],
  [
    "a POST and a PUT, with the digest's colon escaped",
    async (client, repository, body, digest) => {
      const location = await startUpload(client, repository);
      return client.put(withQuery(location, `digest=${encodeURIComponent(digest)}`), { body });
    },
  ],
  [
    "a POST and a PUT with chunked transfer encoding",
    async (client, repository, content, digest) => {
      const location = await startUpload(client, repository);
      return client.put(withQuery(location, `digest=${digest}`), {
        chunks: chunksOf(content).map((c) => c.body),
      });
    },
  ],
  [
    "a POST, a PATCH with Content-Length and an empty PUT",
    async (client, repository, body, digest) => {
      const patched = await client.patch(await startUpload(client, repository), { body });
      return client.put(withQuery(locationOf(patched), `digest=${digest}`));
    },
  ],
  [
    "a POST, a PATCH with chunked transfer encoding and an empty PUT",
    async (client, repository, content, digest) => {
      const chunks = chunksOf(content).map(({ body }) => body);
      const patched = await client.patch(await startUpload(client, repository), { chunks });
      expect(patched.headers.range).toBe(`0-${Math.max(content.length - 1, 0)}`);
      return client.put(withQuery(locationOf(patched), `digest=${digest}`));
    },
  ],
  [
    "a POST, PATCHes without Content-Range and an empty PUT",
    async (client, repository, content, digest) => {
      const location = await startUpload(client, repository);
      const next = await patchAll(client, location, chunksOf(content), false);
      return client.put(withQuery(next, `digest=${digest}`));
    },
  ],
  [
    "a POST, PATCHes with Content-Range and an empty PUT",
    async (client, repository, content, digest) => {
      const location = await startUpload(client, repository);
      const next = await patchAll(client, location, chunksOf(content), true);
      return client.put(withQuery(next, `digest=${digest}`));
    },
  ],
  [
    "a POST, PATCHes with Content-Range and a PUT with the last chunk",
    async (client, repository, content, digest) => {
      const chunks = chunksOf(content);
      const next = await patchAll(client, await startUpload(client, repository), chunks.slice(0, -1), true);
      const { body, range } = chunks.at(-1) ?? { body: Buffer.alloc(0), range: undefined };
      const headers = range === undefined ? {} : { "content-range": range };
      return client.put(withQuery(next, `digest=${digest}`), { body, headers });
    },
  ],
  [
    "a POST, PATCHes with Content-Range in the form of RFC 9110 and an empty PUT",
    async (client, repository, content, digest) => {
      const chunks = chunksOf(content).map(({ body, range }) => ({ body, range: `bytes ${range}/*` }));
      let location = await startUpload(client, repository);
      for (const { body, range } of chunks) {
        location = locationOf(await client.patch(location, { body, headers: { "content-range": range } }));
      }
      return client.put(withQuery(location, `digest=${digest}`));
    },
  ],
];

const SIZES = [1, 1000, 300_000];

forEachBackend("uploads", (context) => {
  describe.each(UPLOADS)("by %s:", (_name, upload) => {
    it.each(SIZES.flatMap((size) => [`sha256 ${size}`, `sha512 ${size}`]))(
      "store a blob (%s)",
      async (what) => {
        const [algorithm = "", size] = what.split(" ");
        const repository = context.newRepository();
        const content = sampleBytes(Number(size), what);
        const digest = digestOf(content, algorithm);
        const response = await upload(context.client, repository, content, digest);
        expect(response.status).toBe(201);
        expect(locationOf(response)).toBe(`/v2/${repository}/blobs/${digest}`);
        expect(response.headers).toMatchObject({ "docker-content-digest": digest, "content-length": "0" });
        const stored = await context.client.pull(locationOf(response));
        expect(stored.status).toBe(200);
        expect(stored.body.equals(content)).toBe(true);
      },
    );

    it("reject bytes that do not match the digest", async () => {
      const repository = context.newRepository();
      const response = await upload(context.client, repository, sampleBytes(1000), UNKNOWN_DIGEST);
      expect(failureOf(response)).toEqual([400, "DIGEST_INVALID"]);
      const got = await context.client.pull(`/v2/${repository}/blobs/${UNKNOWN_DIGEST}`);
      expect(failureOf(got)).toEqual([404, "BLOB_UNKNOWN"]);
    });
  });

  /**
   * A registry may treat a POST without bytes as the start of a session.
   * @see https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#single-post
   */
  it.each(UPLOADS)("by %s of zero bytes store the empty blob", async (_name, upload) => {
    const repository = context.newRepository();
    const digest = digestOf("");
    const response = await upload(context.client, repository, Buffer.alloc(0), digest);
    const finished =
      response.status === 202
        ? await context.client.put(withQuery(locationOf(response), `digest=${digest}`))
        : response;
    expect(finished.status).toBe(201);
    const { status, headers, body } = await context.client.pull(`/v2/${repository}/blobs/${digest}`);
    expect({ status, length: headers["content-length"], body: body.length }).toEqual({
      status: 200,
      length: "0",
      body: 0,
    });
  });
});
