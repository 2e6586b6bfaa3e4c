import { describe, expect, it } from "vitest";
import { UNKNOWN_DIGEST } from "../content.ts";
import { pushBlobsOf, pushImage, putManifest } from "../push.ts";
import { failureOf } from "../responses.ts";
import { forEachBackend } from "../test-context.ts";

type Headers = Readonly<Record<string, string>>;
type Digests = { readonly current: string; readonly next: string };

/** Conditions of a push to a tag, with the status if the tag exists and if it does not. */
const PUSHES: readonly (readonly [
  name: string,
  headers: (digests: Digests) => Headers,
  ifThere: number,
  ifNot: number,
])[] = [
  ["If-None-Match: *", () => ({ "if-none-match": "*" }), 412, 201],
  ["If-Match: *", () => ({ "if-match": "*" }), 201, 412],
  ["If-Match with the digest of the tag", ({ current }) => ({ "if-match": `"${current}"` }), 201, 412],
  ["If-Match with the pushed digest", ({ next }) => ({ "if-match": `"${next}"` }), 412, 412],
  ["If-Match with another digest", () => ({ "if-match": `"${UNKNOWN_DIGEST}"` }), 412, 412],
  [
    "If-Match with several digests",
    ({ current }) => ({ "if-match": `"${UNKNOWN_DIGEST}", "${current}"` }),
    201,
    412,
  ],
  [
    "If-Match with several other digests",
    ({ next }) => ({ "if-match": `"${UNKNOWN_DIGEST}","${next}"` }),
    412,
    412,
  ],
  /** If-Match requires strong comparison: https://www.rfc-editor.org/rfc/rfc9110.html#section-13.1.1 */
  ["If-Match with a weak tag", ({ current }) => ({ "if-match": `W/"${current}"` }), 412, 412],
  ["no condition", () => ({}), 201, 201],
];

forEachBackend("conditional requests", (context) => {
  describe.each(PUSHES)("for a push to a tag with %s", (_name, headers, ifThere, ifNot) => {
    it.each([
      [ifThere, "exists", true],
      [ifNot, "does not", false],
    ] as const)("return %d when the tag %s", async (expected, _when, isThere) => {
      const repository = context.newRepository();
      const { digest: current } = await pushImage(
        context.client,
        repository,
        "current",
        isThere ? "tag" : undefined,
      );
      const next = await pushBlobsOf(context.client, repository, "next");
      const sent = headers({ current, next: next.digest });
      const response = await putManifest(context.client, repository, "tag", next.manifest, sent);
      expect(response.status).toBe(expected);
      if (expected === 412) expect(failureOf(response)).toEqual([412, "PRECONDITION_FAILED"]);
      const tag = (await context.client.head(`/v2/${repository}/manifests/tag`)).headers[
        "docker-content-digest"
      ];
      expect(tag).toBe(expected === 201 ? next.digest : isThere ? current : undefined);
    });
  });

  it("leave no manifest behind when the push fails", async () => {
    const repository = context.newRepository();
    await pushImage(context.client, repository, "current", "tag");
    const next = await pushBlobsOf(context.client, repository, "next");
    const headers = { "if-none-match": "*" };
    expect((await putManifest(context.client, repository, "tag", next.manifest, headers)).status).toBe(412);
    expect((await context.client.get(`/v2/${repository}/manifests/${next.digest}`)).status).toBe(404);
    expect((await context.client.delete(`/v2/${repository}/blobs/${next.layer.digest}`)).status).toBe(202);
  });

  it("accept the entity tag of a GET in If-Match", async () => {
    const repository = context.newRepository();
    await pushImage(context.client, repository, "current", "tag");
    const { etag = "" } = (await context.client.get(`/v2/${repository}/manifests/tag`)).headers;
    const next = await pushBlobsOf(context.client, repository, "next");
    const push = () => putManifest(context.client, repository, "tag", next.manifest, { "if-match": etag });
    expect((await push()).status).toBe(201);
    expect((await push()).status).toBe(412);
  });

  it("that push several tags set all of them or none", async () => {
    const repository = context.newRepository();
    await pushImage(context.client, repository, "current", "there");
    const next = await pushBlobsOf(context.client, repository, "next");
    const headers = { "if-none-match": "*" };
    const path = `${next.digest}?tag=free&tag=there`;
    expect((await putManifest(context.client, repository, path, next.manifest, headers)).status).toBe(412);
    expect((await context.client.get(`/v2/${repository}/manifests/free`)).status).toBe(404);
  });

  it.each([
    ["If-None-Match: *", { "if-none-match": "*" }, 412, 201],
    ["If-Match: *", { "if-match": "*" }, 201, 412],
  ] as const)(
    "that push by digest without tags compare the manifest: %s",
    async (_name, headers, ifThere, ifNot) => {
      const repository = context.newRepository();
      const there = await pushImage(context.client, repository, "there");
      const not = await pushBlobsOf(context.client, repository, "not there");
      const statuses = [
        (await putManifest(context.client, repository, there.digest, there.manifest, headers)).status,
        (await putManifest(context.client, repository, not.digest, not.manifest, headers)).status,
      ];
      expect(statuses).toEqual([ifThere, ifNot]);
    },
  );

  it.each([
    ["another digest", UNKNOWN_DIGEST, 412, 200],
    ["the digest of the tag", undefined, 202, 404],
  ] as const)("that delete a tag compare If-Match with %s", async (_name, digest, status, after) => {
    const repository = context.newRepository();
    const image = await pushImage(context.client, repository, "current", "tag");
    const path = `/v2/${repository}/manifests/tag`;
    const headers = { "if-match": `"${digest ?? image.digest}"` };
    expect((await context.client.send("DELETE", path, { headers })).status).toBe(status);
    expect((await context.client.get(path)).status).toBe(after);
  });

  describe.each(["GET", "HEAD"])("with %s", (method) => {
    it.each([
      ["the current digest", (digest: string) => `"${digest}"`, 304],
      ["the current digest as a weak tag", (digest: string) => `W/"${digest}"`, 304],
      ["the current digest among others", (digest: string) => `"${UNKNOWN_DIGEST}", "${digest}"`, 304],
      ["an asterisk, which matches any digest", () => "*", 304],
      ["another digest", () => `"${UNKNOWN_DIGEST}"`, 200],
    ] as const)("compare If-None-Match with %s", async (_name, header, status) => {
      const repository = context.newRepository();
      const { digest, manifest } = await pushImage(context.client, repository, "current", "tag");
      for (const reference of ["tag", digest]) {
        const headers = { "if-none-match": header(digest) };
        const response = await context.client.send(method, `/v2/${repository}/manifests/${reference}`, {
          headers,
        });
        expect(response.status).toBe(status);
        expect(response.headers.etag).toBe(`"${digest}"`);
        expect(response.body.length).toBe(status === 200 && method === "GET" ? manifest.length : 0);
      }
    });
  });
});
