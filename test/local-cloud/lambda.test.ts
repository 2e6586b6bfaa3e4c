import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { Chaos, NO_CHAOS } from "../../local-cloud/chaos.ts";
import { Concurrency } from "../../local-cloud/lambda/concurrency.ts";
import { LambdaFunction, type LambdaOptions, MAX_PAYLOAD_BYTES } from "../../local-cloud/lambda/function.ts";
import { FunctionStats } from "../../local-cloud/stats.ts";

/** Function whose behaviour is selected by its event. */
const CODE = `
let ticks = 0;
let served = 0;
exports.handler = async ({ wait = 0, size = 0, fail, exit, tick }) => {
  served++;
  if (tick) { setInterval(() => ticks++, 10); }
  await new Promise((resolve) => setTimeout(resolve, wait));
  if (fail) throw new TypeError(fail);
  if (exit) process.exit(3);
  return { pid: process.pid, served, ticks, env: process.env, text: "x".repeat(size) };
};`;

let task: string;
let lambda: LambdaFunction | undefined;
let stats: FunctionStats;

beforeAll(async () => {
  task = await mkdtemp(join(tmpdir(), "dockless-lambda-"));
  await writeFile(join(task, "index.js"), CODE);
});
afterEach(() => lambda?.stop());
afterAll(() => rm(task, { recursive: true, force: true }));

function start(options: Partial<LambdaOptions> = {}): (event: object) => Promise<Record<string, unknown>> {
  stats = new FunctionStats();
  const started = new LambdaFunction({
    name: "tiny",
    task,
    handler: "index.handler",
    variables: { GIVEN: "by the template" },
    memory: 128,
    timeout: 10,
    concurrency: new Concurrency(10),
    lifetime: () => 100,
    chaos: NO_CHAOS,
    stats,
    log: new PassThrough().resume(),
    ...options,
  });
  lambda = started;
  return async (event) => JSON.parse(await started.invoke(JSON.stringify(event)));
}

it("reuses an environment for the next invocation", async () => {
  const invoke = start();
  const first = await invoke({});
  expect(await invoke({})).toMatchObject({ pid: first["pid"], served: 2 });
  expect(stats).toMatchObject({ invocations: 2, environments: 1 });
});

it("sends one request at a time to an environment", async () => {
  const invoke = start();
  const [one, other] = await Promise.all([invoke({ wait: 200 }), invoke({ wait: 200 })]);
  expect(one?.["pid"]).not.toBe(other?.["pid"]);
  expect([one?.["served"], other?.["served"]]).toEqual([1, 1]);
});

it("throttles invocations above the concurrency limit", async () => {
  const invoke = start({ concurrency: new Concurrency(1) });
  const first = invoke({ wait: 200 });
  await expect(invoke({})).rejects.toMatchObject({ status: 429 });
  await first;
  expect(stats.throttled).toBe(1);
});

it("freezes an environment between invocations", async () => {
  const invoke = start();
  await invoke({ tick: true });
  await sleep(400);
  const { ticks } = await invoke({});
  expect(ticks).toBeLessThan(20);
});

it("kills an environment that exceeds the time limit", async () => {
  const invoke = start({ timeout: 1 });
  const first = await invoke({});
  await expect(invoke({ wait: 5000 })).rejects.toMatchObject({ type: "Sandbox.Timedout" });
  expect((await invoke({}))["pid"]).not.toBe(first["pid"]);
  expect(stats).toMatchObject({ timeouts: 1, failures: 1 });
});

it("rejects payloads above 6 MB, in both directions", async () => {
  const invoke = start();
  await expect(invoke({ text: "x".repeat(MAX_PAYLOAD_BYTES) })).rejects.toMatchObject({ status: 413 });
  await expect(invoke({ size: MAX_PAYLOAD_BYTES })).rejects.toMatchObject({
    type: "Function.ResponseSizeTooLarge",
  });
  const text = "x".repeat(MAX_PAYLOAD_BYTES - 100);
  expect(await invoke({ text, size: MAX_PAYLOAD_BYTES - 5000 })).toMatchObject({ served: 2 });
});

it("reports the error of a function, and reuses its environment", async () => {
  const invoke = start();
  await expect(invoke({ fail: "why" })).rejects.toMatchObject({ type: "TypeError", message: "why" });
  expect(await invoke({})).toMatchObject({ served: 2 });
});

it("starts a new environment after a function has exited", async () => {
  const invoke = start();
  await expect(invoke({ exit: true })).rejects.toMatchObject({ type: "Runtime.ExitError" });
  expect(await invoke({})).toMatchObject({ served: 1 });
});

it("ends environments after their lifetime", async () => {
  const invoke = start({ lifetime: () => 2 });
  for (const served of [1, 2, 1, 2]) expect(await invoke({})).toMatchObject({ served });
  expect(stats.environments).toBe(2);
});

it("passes the configured variables and Lambda's own, but none of this process", async () => {
  process.env["DOCKLESS_TEST_LEAK"] = "leaked";
  const { env } = await start()({});
  expect(env).toMatchObject({ GIVEN: "by the template", AWS_LAMBDA_FUNCTION_NAME: "tiny" });
  expect(Object.keys(Object(env))).not.toContain("DOCKLESS_TEST_LEAK");
  expect(Object.keys(Object(env))).not.toContain("HOME");
});

it("fails a request whose environment is killed", async () => {
  const invoke = start({ chaos: new Chaos(1, "seed") });
  await expect(invoke({ wait: 2000 })).rejects.toMatchObject({ type: "Runtime.ExitError" });
  expect(stats).toMatchObject({ killed: 1, failures: 1 });
});

it("fails when the handler cannot be loaded", async () => {
  const invoke = start({ handler: "index.nothing" });
  await expect(invoke({})).rejects.toMatchObject({ message: "index.nothing is undefined or not exported" });
});
