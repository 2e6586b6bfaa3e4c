import { beforeAll, describe, expect, it } from "vitest";
import { type Client, parseResponse, type ReceivedResponse } from "../support/client.ts";
import { DIGEST_ROWS } from "./bad-input/digests.ts";
import { FRAMING_ROWS } from "./bad-input/framing.ts";
import { MANIFEST_ROWS } from "./bad-input/manifests.ts";
import { NAME_ROWS } from "./bad-input/names.ts";
import { PATH_ROWS } from "./bad-input/paths.ts";
import { QUERY_ROWS } from "./bad-input/queries.ts";
import { REFERENCE_ROWS } from "./bad-input/references.ts";
import type { BadRequest, Row } from "./bad-input/row.ts";
import { UPLOAD_ROWS } from "./bad-input/uploads.ts";
import { type Image, pushImage, startUpload } from "./push.ts";
import { codesOf, failureOf } from "./responses.ts";
import { forEachBackend } from "./test-context.ts";

const TABLES: Readonly<Record<string, readonly Row[]>> = {
  names: NAME_ROWS,
  digests: DIGEST_ROWS,
  "tags and sessions": REFERENCE_ROWS,
  paths: PATH_ROWS,
  queries: QUERY_ROWS,
  uploads: UPLOAD_ROWS,
  manifests: MANIFEST_ROWS,
  framing: FRAMING_ROWS,
};

/** Names the parts of a row, since the last one is optional. */
const toCase = ([name, request, status, code]: Row) => ({ name, request, status, code });

/** Values of the placeholders in a row. */
type Scene = Readonly<Record<string, string>>;

function fill(text: string, scene: Scene): string {
  return text.replaceAll(/\{([a-z]+)\}/g, (whole, name: string) => scene[name] ?? whole);
}

async function perform(client: Client, request: BadRequest, scene: Scene): Promise<ReceivedResponse> {
  if ("raw" in request) {
    const { raw, end = false } = request;
    return parseResponse(await client.exchange(fill(raw, scene), { end }));
  }
  const { method, path, headers = {}, body, chunks } = request;
  const bytes = (text: string) => Buffer.from(fill(text, scene), "latin1");
  return await client.send(method, fill(path, scene), {
    headers,
    ...(body === undefined ? {} : { body: bytes(body) }),
    ...(chunks === undefined ? {} : { chunks: chunks.map(bytes) }),
  });
}

forEachBackend("bad input", (context) => {
  let repository: string;
  let image: Image;
  let before: readonly string[];

  beforeAll(async () => {
    repository = context.newRepository();
    image = await pushImage(context.client, repository, "bad input", "good");
    before = await context.registry.listStored();
  });

  async function sceneFor(request: BadRequest): Promise<Scene> {
    const hasPlaceholder = (placeholder: string) => JSON.stringify(request).includes(`{${placeholder}}`);
    const session = hasPlaceholder("session") ? await startUpload(context.client, repository) : "";
    if (session !== "") await context.client.patch(session, { body: "abc" });
    return {
      repo: repository,
      manifest: image.digest,
      blob: image.layer.digest,
      config: JSON.stringify(image.config),
      session,
      fresh: hasPlaceholder("fresh") ? await startUpload(context.client, repository) : "",
    };
  }

  /** Asserts that a rejected chunk is not part of the session, which may have ended. */
  async function expectUntouched({ session = "", fresh = "" }: Scene): Promise<void> {
    for (const [location, range] of [
      [session, "0-2"],
      [fresh, "0-0"],
    ] as const) {
      if (location === "") continue;
      const { status, headers } = await context.client.get(location);
      expect([status, headers.range]).toEqual(status === 404 ? [404, undefined] : [204, range]);
      await context.client.delete(location);
    }
  }

  describe.each(Object.entries(TABLES))("%s:", (_title, rows) => {
    it.each(rows.map(toCase))("$name", async ({ request, status, code }) => {
      const scene = await sceneFor(request);
      try {
        const response = await perform(context.client, request, scene);
        if (code !== undefined) expect(failureOf(response)).toEqual([status, code]);
        else
          expect([response.status, response.status < 400 || response.body.length === 0]).toEqual([
            status,
            true,
          ]);
      } finally {
        await expectUntouched(scene);
      }
    });
  });

  it("leaves the registry working", async () => {
    const other = context.newRepository();
    const { digest, manifest, layer } = await pushImage(context.client, other, "after", "latest");
    const pulled = await context.client.get(`/v2/${other}/manifests/latest`);
    expect(pulled.body.equals(manifest)).toBe(true);
    expect((await context.client.head(`/v2/${other}/blobs/${layer.digest}`)).status).toBe(200);
    expect((await context.client.delete(`/v2/${other}/manifests/${digest}`)).status).toBe(202);
    const tags = await context.client.get(`/v2/${repository}/tags/list`);
    expect(JSON.parse(tags.body.toString()).tags).toEqual(["good"]);
  });

  it.runIf(!context.isRemote)("leaves nothing stored", async () => {
    const isOfRow = (line: string) => line.startsWith(`repo#${repository} `) || line.startsWith("uploads/");
    const expected = before.filter(isOfRow);
    await expect.poll(async () => (await context.registry.listStored()).filter(isOfRow)).toEqual(expected);
  });
});

describe("the tables of bad input", () => {
  const rows = Object.values(TABLES).flat();

  it("contain at least 150 distinct requests", () => {
    expect(rows.length).toBeGreaterThanOrEqual(150);
    expect(new Set(rows.map(([, request]) => JSON.stringify(request))).size).toBe(rows.length);
    expect(new Set(rows.map(([name]) => name)).size).toBe(rows.length);
  });

  it("expect only client errors, each with an error code", () => {
    for (const [name, request, status, code] of rows) {
      const isHead = "method" in request && request.method === "HEAD";
      expect([name, status < 500, code !== undefined]).toEqual([name, true, status >= 400 && !isHead]);
    }
  });

  it("are checked by a parser that rejects error responses not in the spec's format", () => {
    const response = (body: string) => ({ status: 400, headers: {}, body: Buffer.from(body) });
    expect(codesOf(response('{"errors":[{"code":"DENIED","message":"","detail":1}]}'))).toEqual(["DENIED"]);
    for (const wrong of [
      "",
      "{}",
      '{"errors":{}}',
      '{"errors":[{"code":"denied"}]}',
      '{"errors":[{"code":"A","x":1}]}',
    ]) {
      expect(() => codesOf(response(wrong))).toThrow();
    }
  });
});
