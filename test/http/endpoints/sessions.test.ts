import { describe, expect, it } from "vitest";
import { digestOf, sampleBytes, UNKNOWN_DIGEST } from "../content.ts";
import { startUpload } from "../push.ts";
import { failureOf, locationOf, withQuery } from "../responses.ts";
import { forEachBackend } from "../test-context.ts";

const UUID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/;
const CONTENT = sampleBytes(300);
const DIGEST = digestOf(CONTENT);

forEachBackend("upload sessions", (context) => {
  const start = () => startUpload(context.client, context.newRepository());
  const patch = (location: string, from: number, to: number) =>
    context.client.patch(location, {
      body: CONTENT.subarray(from, to),
      headers: { "content-range": `${from}-${to - 1}` },
    });

  it.each(["uploads/", "uploads", "uploads/?digest-algorithm=sha256", "uploads/?digest-algorithm=sha512"])(
    "are started by POST %s with an unguessable id",
    async (path) => {
      const repository = context.newRepository();
      const response = await context.client.post(`/v2/${repository}/blobs/${path}`);
      expect(response.status).toBe(202);
      expect(locationOf(response).startsWith(`/v2/${repository}/blobs/uploads/`)).toBe(true);
      expect(locationOf(response)).toMatch(UUID);
      expect(response.headers).toMatchObject({
        range: "0-0",
        "content-length": "0",
        "docker-upload-uuid": expect.stringMatching(UUID),
        "docker-distribution-api-version": "registry/2.0",
      });
    },
  );

  it("start at offset 0", async () => {
    const location = await start();
    const { status, headers } = await context.client.get(location);
    expect([status, headers.range, headers.location]).toEqual([204, "0-0", location]);
  });

  it("report their offset after each chunk, in a response without a body", async () => {
    let location = await start();
    for (const [from, to] of [
      [0, 100],
      [100, 101],
      [101, 300],
    ] as const) {
      location = locationOf(await patch(location, from, to));
      const { status, headers, body } = await context.client.get(location);
      expect([status, headers.range, body.length]).toEqual([204, `0-${to - 1}`, 0]);
      expect(headers["content-length"]).toBeUndefined();
      expect(headers["location"]).toBe(location);
    }
  });

  describe.each([
    ["a chunk that leaves a gap", "200-299"],
    ["a chunk that overlaps received bytes", "50-149"],
    ["the same chunk again", "0-99"],
    ["a chunk that begins one byte late", "101-200"],
    ["a chunk that begins one byte early", "99-198"],
  ])("reject %s", (_name, range) => {
    const headers = { "content-range": range };

    it.each([
      ["PATCH", (location: string) => location],
      ["PUT", (location: string) => withQuery(location, `digest=${DIGEST}`)],
    ] as const)("sent by %s with the session's offset, and the upload continues", async (method, target) => {
      const location = locationOf(await patch(await start(), 0, 100));
      const rejected = await context.client.send(method, target(location), {
        body: sampleBytes(100),
        headers,
      });
      expect(failureOf(rejected)).toEqual([416, "BLOB_UPLOAD_INVALID"]);
      expect(rejected.headers.range).toBe("0-99");
      const status = await context.client.get(locationOf(rejected));
      expect([status.status, status.headers.range]).toEqual([204, "0-99"]);
      const patched = await patch(locationOf(status), 100, 300);
      expect([patched.status, patched.headers.range]).toEqual([202, "0-299"]);
      const finished = await context.client.put(withQuery(locationOf(patched), `digest=${DIGEST}`));
      expect(finished.status).toBe(201);
      expect((await context.client.pull(locationOf(finished))).body.equals(CONTENT)).toBe(true);
    });
  });

  it.each(["PATCH", "PUT"])(
    "return the offset for an out-of-order chunk by %s whose length differs from its Content-Range",
    async (method) => {
      const location = locationOf(await patch(await start(), 0, 100));
      const target = method === "PUT" ? withQuery(location, `digest=${DIGEST}`) : location;
      const options = { body: CONTENT.subarray(0, 50), headers: { "content-range": "0-99" } };
      const rejected = await context.client.send(method, target, options);
      expect(failureOf(rejected)).toEqual([416, "BLOB_UPLOAD_INVALID"]);
      expect([rejected.headers.range, locationOf(rejected)]).toEqual(["0-99", location]);
    },
  );

  describe.each(["100-199", "0-0", "0--1", "bytes */100", "x"])(
    "accept an empty chunk with Content-Range %s:",
    (range) => {
      const headers = { "content-range": range };

      it("PATCH changes nothing", async () => {
        const location = locationOf(await patch(await start(), 0, 100));
        const response = await context.client.patch(location, { headers });
        expect([response.status, response.headers.range]).toEqual([202, "0-99"]);
      });

      it("PUT closes the session", async () => {
        const location = locationOf(await patch(await start(), 0, 300));
        const response = await context.client.put(withQuery(location, `digest=${DIGEST}`), { headers });
        expect(response.status).toBe(201);
      });
    },
  );

  it("do not change after an empty chunk with chunked transfer encoding and a Content-Range", async () => {
    const location = locationOf(await patch(await start(), 0, 100));
    const headers = { "content-range": "100-199" };
    const response = await context.client.patch(location, { chunks: [], headers });
    expect([response.status, response.headers.range]).toEqual([202, "0-99"]);
  });

  it("cannot be closed without a digest, and remain usable", async () => {
    const location = locationOf(await patch(await start(), 0, 100));
    expect(failureOf(await context.client.put(location))).toEqual([400, "DIGEST_INVALID"]);
    expect((await context.client.get(location)).headers.range).toBe("0-99");
  });

  it("reject a first chunk that does not begin at 0", async () => {
    const rejected = await patch(await start(), 100, 200);
    expect(failureOf(rejected)).toEqual([416, "BLOB_UPLOAD_INVALID"]);
    expect((await patch(locationOf(rejected), 0, 100)).status).toBe(202);
  });

  const ENDINGS = {
    "was cancelled": async (location: string) => {
      await patch(location, 0, 100);
      const { status, body } = await context.client.delete(location);
      expect([status, body.length]).toEqual([204, 0]);
    },
    "was cancelled before its first byte": async (location: string) => {
      expect((await context.client.delete(location)).status).toBe(204);
    },
    "was finished": async (location: string) => {
      await patch(location, 0, 300);
      expect((await context.client.put(withQuery(location, `digest=${DIGEST}`))).status).toBe(201);
    },
    "was finished by one PUT": async (location: string) => {
      const response = await context.client.put(withQuery(location, `digest=${DIGEST}`), { body: CONTENT });
      expect(response.status).toBe(201);
    },
  } as const;

  describe.each(Object.entries(ENDINGS))("after a session %s:", (_name, ending) => {
    it.each(["GET", "PATCH", "PUT", "DELETE"])("%s returns 404", async (method) => {
      const location = await start();
      await ending(location);
      const target = method === "PUT" ? withQuery(location, `digest=${UNKNOWN_DIGEST}`) : location;
      const response = await context.client.send(method, target, method === "GET" ? {} : { body: "" });
      expect(failureOf(response)).toEqual([404, "BLOB_UPLOAD_UNKNOWN"]);
    });
  });

  it.each(["GET", "PATCH", "PUT", "DELETE"])("return 404 to %s in another repository", async (method) => {
    const repository = context.newRepository();
    const location = await startUpload(context.client, repository);
    const elsewhere = location.replace(repository, context.newRepository());
    const target = method === "PUT" ? withQuery(elsewhere, `digest=${DIGEST}`) : elsewhere;
    const response = await context.client.send(method, target, method === "GET" ? {} : { body: CONTENT });
    expect(failureOf(response)).toEqual([404, "BLOB_UPLOAD_UNKNOWN"]);
    expect((await context.client.get(location)).status).toBe(204);
  });

  it("started for sha512 can be closed with either algorithm", async () => {
    for (const algorithm of ["sha256", "sha512"]) {
      const location = await startUpload(context.client, context.newRepository(), "?digest-algorithm=sha512");
      const next = locationOf(await patch(location, 0, 300));
      const response = await context.client.put(withQuery(next, `digest=${digestOf(CONTENT, algorithm)}`));
      expect(response.status).toBe(201);
    }
  });
});
