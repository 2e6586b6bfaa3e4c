import { beforeAll, describe, expect, it } from "vitest";
import { pushBlobsOf, pushImage, putManifest } from "../push.ts";
import { failureOf } from "../responses.ts";
import { forEachBackend } from "../test-context.ts";
import { nextOf, pagesFrom } from "./pages.ts";

/** Tags in the order of their bytes: upper case before lower case. */
const TAGS = ["0", "1.0", "1.0.1", "10", "2", "A", "Z", "_", "a", "a-b", "a.b", "a_b", "ab", "b"] as const;

forEachBackend("tag lists", (context) => {
  let repository: string;

  /** Pushes one manifest under all tags, unsorted. */
  beforeAll(async () => {
    repository = context.newRepository();
    const image = await pushBlobsOf(context.client, repository, "tags");
    const query = [...TAGS].reverse().map((tag) => `tag=${tag}`);
    await putManifest(context.client, repository, `${image.digest}?${query.join("&")}`, image.manifest);
  });

  it("contain all tags in byte order", async () => {
    const response = await context.client.get(`/v2/${repository}/tags/list`);
    expect(JSON.parse(response.body.toString())).toEqual({ name: repository, tags: TAGS });
    expect(response.headers["link"]).toBeUndefined();
    expect(response.headers["content-length"]).toBe(String(response.body.length));
  });

  it.each([
    ["n=1", 0, 1],
    ["n=5", 0, 5],
    ["n=14", 0, 14],
    ["n=15", 0, 14],
    ["n=100000", 0, 14],
    ["last=2", 5, 14],
    ["last=2&n=3", 5, 8],
    ["n=3&last=2", 5, 8],
    ["n=1&last=ab", 13, 14],
    ["last=b", 14, 14],
    ["n=3&last=zzz", 14, 14],
    ["n=2&last=1.0.0", 2, 4],
    ["n=3&last=B", 6, 9],
    /** Some clients send it on the first page. */
    ["last=", 0, 14],
    ["last=&n=3", 0, 3],
    ["n=0", 0, 0],
    ["n=0&last=2", 0, 0],
  ])("with %s contain the tags from index %d up to %d", async (query, from, to) => {
    const response = await context.client.get(`/v2/${repository}/tags/list?${query}`);
    expect([response.status, JSON.parse(response.body.toString()).tags]).toEqual([200, TAGS.slice(from, to)]);
    const hasMore = to < TAGS.length && !query.startsWith("n=0");
    expect(nextOf(response) !== undefined).toBe(hasMore);
  });

  it.each([1, 3, 5, 7, 14, 20])("are complete when paginated by Link, %d tags per page", async (n) => {
    const pages = await pagesFrom(context.client, `/v2/${repository}/tags/list?n=${n}`, "tags");
    expect(pages.flat()).toEqual(TAGS);
    expect(pages.length).toBe(Math.ceil(TAGS.length / n));
  });

  it("are complete when paginated by `last`, as older clients do", async () => {
    const tags: string[] = [];
    for (;;) {
      const last = tags.length === 0 ? "" : `&last=${tags.at(-1)}`;
      const response = await context.client.get(`/v2/${repository}/tags/list?n=4${last}`);
      const page: string[] = JSON.parse(response.body.toString()).tags;
      tags.push(...page);
      if (page.length < 4) break;
    }
    expect(tags).toEqual(TAGS);
  });

  it("are empty for a repository that has a manifest but no tag", async () => {
    const name = context.newRepository();
    await pushImage(context.client, name, "untagged");
    const response = await context.client.get(`/v2/${name}/tags/list`);
    expect([response.status, JSON.parse(response.body.toString())]).toEqual([200, { name, tags: [] }]);
  });

  it("do not contain the tags of a repository nested below", async () => {
    const name = context.newRepository();
    await pushImage(context.client, name, "above", "above");
    await pushImage(context.client, `${name}/tags`, "below", "below");
    const response = await context.client.get(`/v2/${name}/tags/list`);
    expect(JSON.parse(response.body.toString()).tags).toEqual(["above"]);
  });

  it.each(["", "?n=0", "?n=1", "?last=a"])(
    "return 404 for an unknown repository, with the query %j",
    async (query) => {
      const response = await context.client.get(`/v2/${context.newRepository()}/tags/list${query}`);
      expect(failureOf(response)).toEqual([404, "NAME_UNKNOWN"]);
    },
  );

  it.each(["/v2/_catalog", "tags"])(
    "%s: HEAD returns the Content-Length of GET, without a body",
    async (path) => {
      const target = path === "tags" ? `/v2/${repository}/tags/list` : `${path}?n=0`;
      const [get, head] = [await context.client.get(target), await context.client.head(target)];
      expect([head.status, head.body.length]).toEqual([200, 0]);
      expect(head.headers["content-length"]).toBe(String(get.body.length));
    },
  );
});

describe("the Link header of a page", () => {
  it("is parsed in the format of RFC 5988", () => {
    const response = {
      status: 200,
      headers: { link: '</v2/a/tags/list?n=1&last=b>; rel="next"' },
      body: Buffer.alloc(0),
    };
    expect(nextOf(response)).toBe("/v2/a/tags/list?n=1&last=b");
  });
});
