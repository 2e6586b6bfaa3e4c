import { describe, expect, it } from "vitest";
import type { ReceivedResponse } from "../../support/client.ts";
import { digestOf, sampleBytes } from "../content.ts";
import { pushBlob, pushBlobsOf, putManifest, startUpload } from "../push.ts";
import { failureOf, locationOf, withQuery } from "../responses.ts";
import { forEachBackend, type TestContext } from "../test-context.ts";

const CONTENT = sampleBytes(300, "repeated");
const DIGEST = digestOf(CONTENT);
const CLOSE = `digest=${DIGEST}`;

type Request = () => Promise<ReceivedResponse>;

/** Last steps of pushes. Each prepares a push, and returns its last request, which a client repeats when it got no response. */
const LAST_STEPS: Readonly<Record<string, (context: TestContext, repository: string) => Promise<Request>>> = {
  "a closing PUT after all bytes": async ({ client }, repository) => {
    const patched = await client.patch(await startUpload(client, repository), { body: CONTENT });
    return () => client.put(withQuery(locationOf(patched), CLOSE));
  },
  "a closing PUT with all bytes": async ({ client }, repository) => {
    const location = await startUpload(client, repository);
    return () => client.put(withQuery(location, CLOSE), { body: CONTENT });
  },
  "a closing PUT with the last bytes": async ({ client }, repository) => {
    const body = CONTENT.subarray(0, 200);
    const patched = await client.patch(await startUpload(client, repository), { body });
    return () => client.put(withQuery(locationOf(patched), CLOSE), { body: CONTENT.subarray(200) });
  },
  "a closing PUT with the last bytes and Content-Range": async ({ client }, repository) => {
    const body = CONTENT.subarray(0, 200);
    const patched = await client.patch(await startUpload(client, repository), { body });
    const headers = { "content-range": "200-299" };
    return () => client.put(withQuery(locationOf(patched), CLOSE), { body: CONTENT.subarray(200), headers });
  },
  "a closing PUT with the last bytes in chunked transfer encoding": async ({ client }, repository) => {
    const body = CONTENT.subarray(0, 200);
    const patched = await client.patch(await startUpload(client, repository), { body });
    return () => client.put(withQuery(locationOf(patched), CLOSE), { chunks: [CONTENT.subarray(200)] });
  },
  "a closing PUT of an empty blob": async ({ client }, repository) => {
    const location = await startUpload(client, repository);
    return () => client.put(withQuery(location, `digest=${digestOf("")}`));
  },
  "a single POST": async ({ client }, repository) => {
    return () => client.post(`/v2/${repository}/blobs/uploads/?${CLOSE}`, { body: CONTENT });
  },
  "a mount": async (context, repository) => {
    const from = context.newRepository();
    const digest = await pushBlob(context.client, from, CONTENT);
    return () => context.client.post(`/v2/${repository}/blobs/uploads/?mount=${digest}&from=${from}`);
  },
  "a manifest by tag": async ({ client }, repository) => {
    const { manifest } = await pushBlobsOf(client, repository, "repeated");
    return () => putManifest(client, repository, "latest", manifest);
  },
  "a manifest by digest, with tags": async ({ client }, repository) => {
    const { manifest, digest } = await pushBlobsOf(client, repository, "repeated");
    return () => putManifest(client, repository, `${digest}?tag=a&tag=b`, manifest);
  },
};

forEachBackend("the last step of a push", (context) => {
  it.each(Object.keys(LAST_STEPS))("returns the same response when repeated: %s", async (name) => {
    const send = await LAST_STEPS[name]?.(context, context.newRepository());
    if (send === undefined) throw new Error("unknown step");
    const first = await send();
    expect(first.status).toBe(201);
    for (const again of [await send(), await send()]) {
      expect([again.status, again.headers.location]).toEqual([201, first.headers.location]);
      expect(again.headers["docker-content-digest"]).toBe(first.headers["docker-content-digest"]);
    }
  });

  it.each(Object.keys(LAST_STEPS))(
    "returns the same response to three concurrent attempts: %s",
    async (name) => {
      const send = await LAST_STEPS[name]?.(context, context.newRepository());
      if (send === undefined) throw new Error("unknown step");
      const statuses = (await Promise.all([send(), send(), send()])).map(({ status }) => status);
      expect(statuses).toEqual([201, 201, 201]);
    },
  );

  describe("that closes an upload session returns 404 when repeated", () => {
    async function closed() {
      const repository = context.newRepository();
      const location = await startUpload(context.client, repository);
      await context.client.patch(location, { body: CONTENT });
      expect((await context.client.put(withQuery(location, CLOSE))).status).toBe(201);
      return { repository, location };
    }

    it.each([
      ["with other bytes", sampleBytes(300, "other")],
      ["with fewer other bytes", sampleBytes(20, "other")],
      ["with the first bytes of the blob", CONTENT.subarray(0, 100)],
      ["with more bytes than the blob has", Buffer.concat([CONTENT, CONTENT])],
      ["with one more byte", Buffer.concat([Buffer.from("x"), CONTENT])],
    ])("%s", async (_name, body) => {
      const { location } = await closed();
      const response = await context.client.put(withQuery(location, CLOSE), { body });
      expect(failureOf(response)).toEqual([404, "BLOB_UPLOAD_UNKNOWN"]);
    });

    it("with the digest of another blob", async () => {
      const { location } = await closed();
      const response = await context.client.put(withQuery(location, `digest=${digestOf("other")}`));
      expect(failureOf(response)).toEqual([404, "BLOB_UPLOAD_UNKNOWN"]);
    });

    it("after the blob was deleted", async () => {
      const { repository, location } = await closed();
      await context.client.delete(`/v2/${repository}/blobs/${DIGEST}`);
      const response = await context.client.put(withQuery(location, CLOSE));
      expect(failureOf(response)).toEqual([404, "BLOB_UPLOAD_UNKNOWN"]);
    });

    it("in a repository without the blob, which gains no access to the blob", async () => {
      const { repository, location } = await closed();
      const other = context.newRepository();
      for (const body of ["", CONTENT, CONTENT.subarray(200)]) {
        const response = await context.client.put(withQuery(location.replace(repository, other), CLOSE), {
          body,
        });
        expect(failureOf(response)).toEqual([404, "BLOB_UPLOAD_UNKNOWN"]);
      }
      expect((await context.client.pull(`/v2/${other}/blobs/${DIGEST}`)).status).toBe(404);
    });
  });

  it("is rejected when its bytes do not match the digest of an existing blob", async () => {
    const repository = context.newRepository();
    await pushBlob(context.client, repository, CONTENT);
    const location = await startUpload(context.client, repository);
    const response = await context.client.put(withQuery(location, CLOSE), {
      body: sampleBytes(300, "other"),
    });
    expect(failureOf(response)).toEqual([400, "DIGEST_INVALID"]);
  });
});
