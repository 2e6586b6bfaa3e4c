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
    const start = ["records.get", "uploads.begin", "records.write"];
    expect(work).toEqual([start, start]);
  }
});
