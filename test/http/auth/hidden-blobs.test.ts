import { expect, it } from "vitest";
import { digestOf } from "../content.ts";
import { AccessLab, basic, bearer } from "./access-lab.ts";

const SECRET = "in a hundred hidden repositories";

it("does the same work for a mount without a source, whether or not hidden repositories have the blob", async () => {
  const lab = new AccessLab();
  const alice = await lab.addUser("alice");
  const root = basic("root", await lab.addUser("root"));
  await lab.grant("user:root", "**", "admin");
  await lab.grant("user:alice", "acme/*", "pull,push");
  for (let number = 0; number < 100; number += 1) {
    const target = `/v2/other/${number}/blobs/uploads/?digest=${digestOf(SECRET)}`;
    await lab.send("POST", target, { authorization: root, body: SECRET });
  }
  const token = await lab.token("alice", alice, "repository:acme/new:pull,push");
  for (const authorization of [basic("alice", alice), bearer(token)]) {
    // Fills the caches of accounts and grants.
    await lab.send("GET", "/v2/acme/new/tags/list", { authorization });
    const work = [];
    for (const digest of [digestOf(SECRET), digestOf("nowhere")]) {
      lab.calls.length = 0;
      await lab.send("POST", `/v2/acme/new/blobs/uploads/?mount=${digest}`, { authorization });
      work.push(lab.calls.map(({ store, method }) => `${store}.${method}`));
    }
    // A query for the repositories with the blob would return, and compare with the grants, more or fewer of them.
    const start = ["records.getMany", "uploads.begin", "records.write"];
    expect(work).toEqual([start, start]);
  }
});

it.each<[string, string, string | undefined, number]>([
  ["an account that reads everything", "**", undefined, 201],
  [
    "a token for the source as well",
    "acme/*",
    "repository:acme/new:pull,push repository:acme/base:pull",
    201,
  ],
  ["a token for the target only", "acme/*", "repository:acme/new:pull,push", 202],
])("a mount without a source by %s", async (_, pattern, scope, status) => {
  const lab = new AccessLab();
  const password = await lab.addUser("alice");
  await lab.grant("user:alice", pattern, "pull,push");
  const authorization = basic("alice", password);
  const blob = `/v2/acme/base/blobs/uploads/?digest=${digestOf(SECRET)}`;
  expect((await lab.send("POST", blob, { authorization, body: SECRET })).status).toBe(201);
  const sent = scope === undefined ? authorization : bearer(await lab.token("alice", password, scope));
  const mount = `/v2/acme/new/blobs/uploads/?mount=${digestOf(SECRET)}`;
  expect((await lab.send("POST", mount, { authorization: sent })).status).toBe(status);
});
