import { beforeAll, expect, it } from "vitest";
import { pushImage } from "../push.ts";
import { forEachBackend } from "../test-context.ts";
import { pagesFrom } from "./pages.ts";

forEachBackend("the catalog", (context) => {
  /** Repositories with a common prefix, which is a valid name that sorts before them. */
  let parent: string;
  let names: readonly string[];

  beforeAll(async () => {
    parent = context.newRepository();
    names = ["a", "a-b", "a/b", "b", "b0"].map((name) => `${parent}/${name}`);
    for (const name of [...names].reverse()) await pushImage(context.client, name, "catalog", "latest");
  });

  const isBelow = (name: string) => name.startsWith(`${parent}/`);

  it("lists every repository in byte order", async () => {
    const pages = await pagesFrom(context.client, "/v2/_catalog", "repositories");
    expect(pages.flat().filter(isBelow)).toEqual(names);
    expect(pages.flat()).toEqual([...pages.flat()].sort());
  });

  it.each([1, 2, 3])("lists every repository when paginated by Link, %d per page", async (n) => {
    const pages = await pagesFrom(context.client, `/v2/_catalog?n=${n}&last=${parent}`, "repositories");
    expect(pages.flat().slice(0, names.length)).toEqual(names);
    for (const page of pages) expect(page.length).toBeLessThanOrEqual(n);
  });

  it("accepts an unknown name as `last`, with slashes percent-encoded or not", async () => {
    for (const last of [`${parent}/a0`, encodeURIComponent(`${parent}/a0`)]) {
      const response = await context.client.get(`/v2/_catalog?n=2&last=${last}`);
      expect(JSON.parse(response.body.toString()).repositories).toEqual(names.slice(3, 5));
    }
  });

  it("returns the first page when `last` is empty, as some clients send it", async () => {
    const [first, same] = [
      await context.client.get("/v2/_catalog?n=3"),
      await context.client.get("/v2/_catalog?last=&n=3"),
    ];
    expect([same.status, same.body.toString()]).toEqual([200, first.body.toString()]);
  });

  it("is empty, without a Link header, when n is 0", async () => {
    const response = await context.client.get("/v2/_catalog?n=0");
    expect(JSON.parse(response.body.toString())).toEqual({ repositories: [] });
    expect(response.headers["link"]).toBeUndefined();
  });
});
