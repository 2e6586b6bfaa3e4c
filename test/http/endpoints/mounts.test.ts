import { describe, expect, it } from "vitest";
import { digestOf, sampleBytes, UNKNOWN_DIGEST } from "../content.ts";
import { pushBlob } from "../push.ts";
import { locationOf, withQuery } from "../responses.ts";
import { forEachBackend } from "../test-context.ts";

forEachBackend("a mount", (context) => {
  /** Pushes a blob to the source. @returns both repositories, the content and its digest */
  async function arrange(seed: string) {
    const [source, target] = [context.newRepository(), context.newRepository()];
    const content = sampleBytes(500, `${source} ${seed}`);
    return { source, target, content, digest: await pushBlob(context.client, source, content) };
  }

  it.each([
    ["from the source repository", (from: string) => `&from=${from}`],
    [
      "from the source repository, with slashes percent-encoded",
      (from: string) => `&from=${encodeURIComponent(from)}`,
    ],
    ["without a source repository", () => ""],
    ["with an empty source repository", () => "&from="],
  ])("%s makes the blob available immediately", async (name, from) => {
    const { source, target, content, digest } = await arrange(name);
    const before = await context.client.pull(`/v2/${target}/blobs/${digest}`);
    expect(before.status).toBe(404);
    const response = await context.client.post(`/v2/${target}/blobs/uploads/?mount=${digest}${from(source)}`);
    expect(response.status).toBe(201);
    expect(locationOf(response)).toBe(`/v2/${target}/blobs/${digest}`);
    expect(response.headers).toMatchObject({ "docker-content-digest": digest, "content-length": "0" });
    expect((await context.client.pull(locationOf(response))).body.equals(content)).toBe(true);
  });

  it("into a repository that already has the blob succeeds", async () => {
    const { source, digest } = await arrange("itself");
    const response = await context.client.post(`/v2/${source}/blobs/uploads/?mount=${digest}&from=${source}`);
    expect([response.status, locationOf(response)]).toEqual([201, `/v2/${source}/blobs/${digest}`]);
  });

  it("survives the deletion of the blob from the source repository", async () => {
    const { source, target, digest } = await arrange("stays");
    await context.client.post(`/v2/${target}/blobs/uploads/?mount=${digest}&from=${source}`);
    expect((await context.client.delete(`/v2/${source}/blobs/${digest}`)).status).toBe(202);
    expect((await context.client.pull(`/v2/${source}/blobs/${digest}`)).status).toBe(404);
    expect((await context.client.pull(`/v2/${target}/blobs/${digest}`)).status).toBe(200);
  });

  describe.each([
    ["of an unknown blob", () => `?mount=${UNKNOWN_DIGEST}&from=${context.newRepository()}`],
    ["of an unknown blob without a source repository", () => `?mount=${UNKNOWN_DIGEST}`],
    ["with an empty digest", () => "?mount="],
    ["with a tag instead of a digest", () => "?mount=latest"],
    ["with a digest that is too short", () => "?mount=sha256:abc"],
    ["with a digest of an unsupported algorithm", () => `?mount=md5:${"0".repeat(32)}`],
  ])("%s", (_name, query) => {
    it("falls back to an upload session", async () => {
      const response = await context.client.post(`/v2/${context.newRepository()}/blobs/uploads/${query()}`);
      expect(response.status).toBe(202);
      const body = sampleBytes(10);
      const target = withQuery(locationOf(response), `digest=${digestOf(body)}`);
      expect((await context.client.put(target, { body })).status).toBe(201);
    });
  });

  it.each(["A", "../a", "a%00", "-", "a".repeat(300), "%e4"])(
    "from %j, an invalid repository name, falls back to an upload session",
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

  it("of a blob that the source repository lacks falls back to an upload session", async () => {
    const { target, digest } = await arrange("elsewhere");
    const wrong = context.newRepository();
    const response = await context.client.post(`/v2/${target}/blobs/uploads/?mount=${digest}&from=${wrong}`);
    expect(response.status).toBe(202);
    expect((await context.client.pull(`/v2/${target}/blobs/${digest}`)).status).toBe(404);
  });
});
