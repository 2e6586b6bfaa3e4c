import { describe, expect, it } from "vitest";
import { digestOf, sampleBytes, UNKNOWN_DIGEST } from "../content.ts";
import { pushBlob } from "../push.ts";
import { locationOf, withQuery } from "../responses.ts";
import { forEachBackend } from "../test-context.ts";

forEachBackend("mounts", (context) => {
  /** Pushes a blob to the source. @returns both repositories, the content and its digest */
  async function arrange(seed: string) {
    const [source, target] = [context.newRepository(), context.newRepository()];
    const content = sampleBytes(500, `${source} ${seed}`);
    return { source, target, content, digest: await pushBlob(context.client, source, content) };
  }

  it.each([
    ["from the repository that has the blob", (from: string) => `&from=${from}`],
    ["from it, with the slashes escaped", (from: string) => `&from=${encodeURIComponent(from)}`],
    ["without a source", () => ""],
    ["with an empty source", () => "&from="],
  ])("%s: the blob exists immediately", async (name, from) => {
    const { source, target, content, digest } = await arrange(name);
    const before = await context.client.pull(`/v2/${target}/blobs/${digest}`);
    expect(before.status).toBe(404);
    const response = await context.client.post(`/v2/${target}/blobs/uploads/?mount=${digest}${from(source)}`);
    expect(response.status).toBe(201);
    expect(locationOf(response)).toBe(`/v2/${target}/blobs/${digest}`);
    expect(response.headers).toMatchObject({ "docker-content-digest": digest, "content-length": "0" });
    expect((await context.client.pull(locationOf(response))).body.equals(content)).toBe(true);
  });

  it("into a repository that already has the blob: nothing changes", async () => {
    const { source, digest } = await arrange("itself");
    const response = await context.client.post(`/v2/${source}/blobs/uploads/?mount=${digest}&from=${source}`);
    expect([response.status, locationOf(response)]).toEqual([201, `/v2/${source}/blobs/${digest}`]);
  });

  it("the mounted blob remains when it is deleted in the source", async () => {
    const { source, target, digest } = await arrange("stays");
    await context.client.post(`/v2/${target}/blobs/uploads/?mount=${digest}&from=${source}`);
    expect((await context.client.delete(`/v2/${source}/blobs/${digest}`)).status).toBe(202);
    expect((await context.client.pull(`/v2/${source}/blobs/${digest}`)).status).toBe(404);
    expect((await context.client.pull(`/v2/${target}/blobs/${digest}`)).status).toBe(200);
  });

  describe.each([
    ["an unknown blob", () => `?mount=${UNKNOWN_DIGEST}&from=${context.newRepository()}`],
    ["an unknown blob without a source", () => `?mount=${UNKNOWN_DIGEST}`],
    ["an empty digest", () => "?mount="],
    ["a tag in place of a digest", () => "?mount=latest"],
    ["a digest that is too short", () => "?mount=sha256:abc"],
    ["a digest of an unsupported algorithm", () => `?mount=md5:${"0".repeat(32)}`],
  ])("%s", (_name, query) => {
    it("must be uploaded instead", async () => {
      const response = await context.client.post(`/v2/${context.newRepository()}/blobs/uploads/${query()}`);
      expect(response.status).toBe(202);
      const body = sampleBytes(10);
      const target = withQuery(locationOf(response), `digest=${digestOf(body)}`);
      expect((await context.client.put(target, { body })).status).toBe(201);
    });
  });

  it.each(["A", "../a", "a%00", "-", "a".repeat(300), "%e4"])(
    "from %j, which is not a valid name, must be uploaded instead",
    async (from) => {
      const { target, digest } = await arrange("invalid source");
      const response = await context.client.post(`/v2/${target}/blobs/uploads/?mount=${digest}&from=${from}`);
      expect([response.status, locationOf(response)]).toEqual([
        202,
        expect.stringContaining("/blobs/uploads/"),
      ]);
      expect((await context.client.pull(`/v2/${target}/blobs/${digest}`)).status).toBe(404);
    },
  );

  it("a blob that is not in the source must be uploaded instead", async () => {
    const { target, digest } = await arrange("elsewhere");
    const wrong = context.newRepository();
    const response = await context.client.post(`/v2/${target}/blobs/uploads/?mount=${digest}&from=${wrong}`);
    expect(response.status).toBe(202);
    expect((await context.client.pull(`/v2/${target}/blobs/${digest}`)).status).toBe(404);
  });
});
