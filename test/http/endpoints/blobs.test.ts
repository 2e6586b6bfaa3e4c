import { beforeAll, describe, expect, it } from "vitest";
import { digestOf, UNKNOWN_DIGEST } from "../content.ts";
import { pushBlob } from "../push.ts";
import { failureOf } from "../responses.ts";
import { forEachBackend } from "../test-context.ts";

const CONTENT = Buffer.from("0123456789");
const DIGEST = digestOf(CONTENT);

forEachBackend("blobs", (context) => {
  async function push(content: Uint8Array): Promise<string> {
    const repository = context.newRepository();
    return `/v2/${repository}/blobs/${await pushBlob(context.client, repository, content)}`;
  }

  let path: string;
  beforeAll(async () => {
    path = await push(CONTENT);
  });

  it("are returned unchanged by GET, uncompressed even if the client accepts compression", async () => {
    const response = await context.client.pull(path, { "accept-encoding": "zstd, gzip, deflate" });
    expect([response.status, response.body.toString()]).toEqual([200, "0123456789"]);
    expect(response.headers).toMatchObject({ "content-length": "10", "docker-content-digest": DIGEST });
    expect(response.headers["content-encoding"]).toBeUndefined();
    expect(response.headers["transfer-encoding"]).toBeUndefined();
  });

  it("are described by HEAD without a redirect or a body", async () => {
    const { status, headers, body } = await context.client.head(path);
    expect([status, body.length]).toEqual([200, 0]);
    expect(headers).toMatchObject({
      "content-length": "10",
      "content-type": "application/octet-stream",
      "docker-content-digest": DIGEST,
      "accept-ranges": "bytes",
      "docker-distribution-api-version": "registry/2.0",
    });
  });

  it("are served by a digest with a percent-encoded colon", async () => {
    expect((await context.client.pull(path.replace("sha256:", "sha256%3A"))).body.toString()).toBe(
      "0123456789",
    );
  });

  it.each(["GET", "HEAD", "DELETE"])("return 404 to %s when they were never pushed", async (method) => {
    const response = await context.client.send(
      method,
      `/v2/${context.newRepository()}/blobs/${UNKNOWN_DIGEST}`,
    );
    expect(response.status).toBe(404);
    if (method === "HEAD") expect(response.body.length).toBe(0);
    else expect(failureOf(response)).toEqual([404, "BLOB_UNKNOWN"]);
  });

  it.each(["GET", "HEAD", "DELETE"])(
    "return 404 to %s when only another repository has them",
    async (method) => {
      const response = await context.client.send(method, `/v2/${context.newRepository()}/blobs/${DIGEST}`);
      expect(response.status).toBe(404);
    },
  );

  it("can be deleted once", async () => {
    const deleted = await push(CONTENT);
    const { status, body } = await context.client.delete(deleted);
    expect([status, body.length]).toEqual([202, 0]);
    for (const method of ["GET", "HEAD", "DELETE"]) {
      expect((await context.client.send(method, deleted)).status).toBe(404);
    }
  });

  it("can be pushed again after deletion", async () => {
    const repository = context.newRepository();
    await pushBlob(context.client, repository, CONTENT);
    await context.client.delete(`/v2/${repository}/blobs/${DIGEST}`);
    await pushBlob(context.client, repository, CONTENT);
    expect((await context.client.pull(`/v2/${repository}/blobs/${DIGEST}`)).body.toString()).toBe(
      "0123456789",
    );
  });

  describe("a range", () => {
    it.each([
      ["bytes=0-3", "0123", "bytes 0-3/10"],
      ["bytes=0-0", "0", "bytes 0-0/10"],
      ["bytes=9-9", "9", "bytes 9-9/10"],
      ["bytes=0-", "0123456789", "bytes 0-9/10"],
      ["bytes=4-", "456789", "bytes 4-9/10"],
      ["bytes=9-", "9", "bytes 9-9/10"],
      ["bytes=-3", "789", "bytes 7-9/10"],
      ["bytes=-1", "9", "bytes 9-9/10"],
      ["bytes=-100", "0123456789", "bytes 0-9/10"],
      ["bytes=5-1000", "56789", "bytes 5-9/10"],
      ["bytes=0-9", "0123456789", "bytes 0-9/10"],
      ["bytes=0-9007199254740993", "0123456789", "bytes 0-9/10"],
    ])("%s is answered with %s", async (range, content, contentRange) => {
      const { status, headers, body } = await context.client.pull(path, { range });
      expect([status, body.toString(), headers["content-range"]]).toEqual([206, content, contentRange]);
      expect(headers["content-length"]).toBe(String(content.length));
      expect(headers["docker-content-digest"]).toBe(DIGEST);
    });

    /** Storage that serves a redirect may not recognize the unit, and ignore it. */
    it("is recognized as BYTES=2-3, because range units are case-insensitive", async () => {
      const { status, body, isRedirected } = await context.client.pull(path, { range: "BYTES=2-3" });
      if (!isRedirected || status !== 200) expect([status, body.toString()]).toEqual([206, "23"]);
    });

    it.each(["bytes=10-", "bytes=10-20", "bytes=1000-", "bytes=-0", "bytes=9007199254740993-"])(
      "%s is rejected with 416 because it starts beyond the end of the blob",
      async (range) => {
        const response = await context.client.pull(path, { range });
        expect(response.status).toBe(416);
        if (response.isRedirected) return;
        expect(response.headers["content-range"]).toBe("bytes */10");
        expect(failureOf(response)).toEqual([416, "SIZE_INVALID"]);
      },
    );

    /** A malformed header is ignored: https://www.rfc-editor.org/rfc/rfc9110.html#section-14.2 */
    it.each([
      "bytes=-",
      "bytes=a-b",
      "bytes 0-3",
      "items=0-3",
      "bytes=0-1,4-5",
      "bytes=0x0-0x1",
      "bytes=--1",
    ])("%s is not a supported byte range and returns the whole blob", async (range) => {
      const { status, headers, body } = await context.client.pull(path, { range });
      expect([status, body.toString()]).toEqual([200, "0123456789"]);
      expect(headers["content-range"]).toBeUndefined();
    });

    it("is ignored in a HEAD request: RFC 9110 defines ranges for GET only", async () => {
      const { status, headers } = await context.client.head(path, { range: "bytes=0-3" });
      expect([status, headers["content-length"]]).toEqual([200, "10"]);
    });

    it("beyond the end of the blob is ignored in a HEAD request", async () => {
      const { status, headers } = await context.client.head(path, { range: "bytes=10-" });
      expect([status, headers["content-length"]]).toEqual([200, "10"]);
    });

    it.each([
      ["the blob's own entity tag", `"${DIGEST}"`, 206],
      ["another entity tag", `"${UNKNOWN_DIGEST}"`, 200],
    ])("with If-Range of %s (%s) returns %d", async (_name, ifRange, status) => {
      const response = await context.client.pull(path, { range: "bytes=0-3", "if-range": ifRange });
      // Storage that serves a redirect has other entity tags.
      if (response.isRedirected) expect([200, 206]).toContain(response.status);
      else expect(response.status).toBe(status);
    });

    it.each([
      ["bytes=0-", 200],
      ["bytes=-5", 200],
      ["bytes=5-", 416],
    ])("%s of an empty blob returns %d", async (range, expected) => {
      const { status, headers, isRedirected } = await context.client.pull(await push(Buffer.alloc(0)), {
        range,
      });
      expect([status, isRedirected]).toEqual([expected, false]);
      if (status === 200) expect(headers["content-length"]).toBe("0");
    });

    /** RFC 9110, section 14.2: "MAY ignore or reject". */
    it("whose end precedes its start is rejected or ignored", async () => {
      const { status, body } = await context.client.pull(path, { range: "bytes=5-2" });
      if (status !== 416) expect([status, body.toString()]).toEqual([200, "0123456789"]);
    });

    it("resumes an interrupted download", async () => {
      const first = await context.client.pull(path, { range: "bytes=0-6" });
      const rest = await context.client.pull(path, { range: `bytes=${first.body.length}-` });
      expect(Buffer.concat([first.body, rest.body]).toString()).toBe("0123456789");
    });
  });

  it.each(["GET", "HEAD"])("return 304 to %s when the client has the current entity tag", async (method) => {
    const { etag = "" } = (await context.client.head(path)).headers;
    expect(etag).not.toBe("");
    const response = await context.client.send(method, path, { headers: { "if-none-match": etag } });
    expect([response.status, response.body.length]).toEqual([304, 0]);
    const [whole, notModified] = [(await context.client.head(path)).headers, response.headers];
    for (const name of ["docker-content-digest", "cache-control", "etag"])
      expect(notModified[name]).toBe(whole[name]);
  });
});
