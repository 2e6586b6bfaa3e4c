import { cpuUsage } from "node:process";
import { expect, it } from "vitest";
import { AccessContext, basic, bearer } from "./access-context.ts";

const ROUNDS = 3000;
const LIST = JSON.stringify({
  ...{ schemaVersion: 2, mediaType: "application/vnd.oci.image.index.v1+json", manifests: [] },
  annotations: { padding: "x".repeat(2000) },
});

/** Returns the CPU time of this process for one run in milliseconds. */
async function cost(work: () => Promise<unknown>): Promise<number> {
  const before = cpuUsage();
  for (let round = 0; round < ROUNDS; round++) await work();
  const { user, system } = cpuUsage(before);
  return (user + system) / 1000 / ROUNDS;
}

/** The pull is in memory: with a network and storage it costs several times as much. */
it("verifying a token takes a small fraction of the CPU time of a pull", { retry: 2 }, async () => {
  const context = new AccessContext();
  const open = new AccessContext();
  const put = { body: LIST, headers: { "content-type": "application/vnd.oci.image.index.v1+json" } };
  await open.send("PUT", "/v2/acme/app/manifests/latest", put);
  const alice = await context.addUser("alice");
  await context.grant("user:alice", "**", "pull,push");
  const secret = basic("alice", alice);
  await context.send("PUT", "/v2/acme/app/manifests/latest", { ...put, authorization: secret });
  const token = bearer(await context.token("alice", alice, "repository:acme/app:pull"));
  const pull = (from: AccessContext, authorization?: string) => async () => {
    expect((await from.send("GET", "/v2/acme/app/manifests/latest", { authorization })).status).toBe(200);
  };
  await cost(pull(open));
  await cost(pull(context, token));
  const [without, withToken] = [await cost(pull(open)), await cost(pull(context, token))];
  console.log(
    `a pull takes ${without.toFixed(3)} ms of CPU without a token, ${withToken.toFixed(3)} ms with one`,
  );
  expect(withToken - without).toBeLessThan(Math.max(without, 0.1));
});
