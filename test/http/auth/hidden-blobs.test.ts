import { expect, it } from "vitest";
import { digestOf } from "../content.ts";
import { AccessContext, basic, bearer } from "./access-context.ts";

const SECRET = "in a hundred hidden repositories";

it("makes the same storage calls for a mount without a source, whether or not hidden repositories have the blob", async () => {
  const context = new AccessContext();
  const alice = await context.addUser("alice");
  const root = basic("root", await context.addUser("root"));
  await context.grant("user:root", "**", "admin");
  await context.grant("user:alice", "acme/*", "pull,push");
  for (let number = 0; number < 100; number += 1) {
    const target = `/v2/other/${number}/blobs/uploads/?digest=${digestOf(SECRET)}`;
    await context.send("POST", target, { authorization: root, body: SECRET });
  }
  const token = await context.token("alice", alice, "repository:acme/new:pull,push");
  for (const authorization of [basic("alice", alice), bearer(token)]) {
    // Fills the caches of accounts and grants.
    await context.send("GET", "/v2/acme/new/tags/list", { authorization });
    const work = [];
    for (const digest of [digestOf(SECRET), digestOf("nowhere")]) {
      context.calls.length = 0;
      await context.send("POST", `/v2/acme/new/blobs/uploads/?mount=${digest}`, { authorization });
      work.push(context.calls.map(({ store, method }) => `${store}.${method}`));
    }
    // A query for the repositories with the blob would return, and compare with the grants, more or fewer of them.
    const start = ["records.getMany", "uploads.begin", "records.write"];
    expect(work).toEqual([start, start]);
  }
});

it("compares no part of a blob with the body of a closing PUT unless the account may pull", async () => {
  const context = new AccessContext();
  const pusher = await context.addUser("pusher");
  const owner = basic("owner", await context.addUser("owner"));
  await context.grant("user:owner", "acme/*", "pull,push");
  await context.grant("user:pusher", "acme/*", "push");
  const uploads = "/v2/acme/app/blobs/uploads/";
  const query = `digest=${digestOf(SECRET)}`;
  await context.send("POST", `${uploads}?${query}`, { authorization: owner, body: SECRET });
  const token = await context.token("pusher", pusher, "repository:acme/app:pull,push");
  const close = async (authorization: string, body: string) =>
    (await context.send("PUT", `${uploads}closed?${query}`, { authorization, body })).status;
  for (const authorization of [basic("pusher", pusher), bearer(token)]) {
    context.calls.length = 0;
    expect([await close(authorization, "s"), await close(authorization, "x")]).toEqual([404, 404]);
    expect(context.calls.filter(({ store }) => store === "blobs")).toEqual([]);
    // All of its bytes prove that the account has the blob.
    expect(await close(authorization, SECRET)).toBe(201);
  }
  expect(await close(owner, "s")).toBe(201);
});

it.each<[string, string, string | undefined, number]>([
  ["an account that reads everything", "**", undefined, 201],
  [
    "a token for the source and the target",
    "acme/*",
    "repository:acme/new:pull,push repository:acme/base:pull",
    201,
  ],
  ["a token for the target alone", "acme/*", "repository:acme/new:pull,push", 202],
])("a mount without a source is decided for %s", async (_, pattern, scope, status) => {
  const context = new AccessContext();
  const password = await context.addUser("alice");
  await context.grant("user:alice", pattern, "pull,push");
  const authorization = basic("alice", password);
  const blob = `/v2/acme/base/blobs/uploads/?digest=${digestOf(SECRET)}`;
  expect((await context.send("POST", blob, { authorization, body: SECRET })).status).toBe(201);
  const sent = scope === undefined ? authorization : bearer(await context.token("alice", password, scope));
  const mount = `/v2/acme/new/blobs/uploads/?mount=${digestOf(SECRET)}`;
  expect((await context.send("POST", mount, { authorization: sent })).status).toBe(status);
});
