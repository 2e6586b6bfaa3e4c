import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { TestAccount } from "../../../../local-cloud/accounts.ts";
import { isObject } from "../../../../local-cloud/support/json.ts";
import { synthesize } from "../../../../local-cloud/synth.ts";
import { withCleanup } from "../../../soak/cleanup.ts";
import { requireNone } from "../../../soak/report.ts";
import { type HttpResponse, requireStatus, sendRequest } from "../../../soak/support/client.ts";
import { dockless } from "../../../support/command.ts";
import { type RunningCloud, startCloud } from "../cloud-process.ts";
import type { Stage } from "../stage.ts";
import { verifyConduct } from "./conduct.ts";

/** Media type of an index, used for an image without layers. */
const IMAGE_INDEX = "application/vnd.oci.image.index.v1+json";
const EMPTY = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: IMAGE_INDEX, manifests: [] }));

/** Maximum wait in milliseconds: a change is effective after two seconds. */
const MAX_WAIT_MILLISECONDS = 6000;

/** Account that exists with all permissions before the stack is deployed; no other does. */
const TESTER = "tester";
const MISSING = "dora";

const accounts = {
  users: [{ name: TESTER }],
  robots: [{ name: MISSING, groups: ["readers"] }],
};
const readers = { subject: "group:readers", pattern: "acme/**", actions: ["pull"] };

const FIRST = {
  ...accounts,
  grants: [readers, { subject: `user:${TESTER}`, pattern: "acme/**", actions: ["pull", "push"] }],
};
const SECOND = {
  ...accounts,
  grants: [readers, { subject: `user:${TESTER}`, pattern: "acme/**", actions: ["pull"] }],
};

/** Guarantee: the grants of a shipped access file are effective after the deployment. */
export async function runAccess({ report, options }: Pick<Stage, "report" | "options">): Promise<void> {
  await report.case("access: entire run", async () => {
    const deployed = new Deployed(options.folder);
    await deployed.synthesize(FIRST);
    const cloud = await startCloud(["--out", deployed.out, "--logs", deployed.logs], deployed.log);
    return await withCleanup(cloud.stop, async () => {
      await report.case("access: the file replaces earlier grants", () => replaces(cloud, deployed));
      await report.case("access: a missing account is created with the logged command", () =>
        createMissingAccount(cloud, deployed),
      );
      await report.case("access: a changed file is applied by the next deployment", () =>
        renews(cloud, deployed),
      );
      await verifyConduct({ report, cloud, mode: "normal" });
      return `on ${cloud.url}`;
    });
  });
}

/** Stack with an access file, and its logs. */
class Deployed {
  readonly #folder: string;
  readonly out: string;
  readonly logs: string;
  readonly log: string;

  constructor(folder: string) {
    this.#folder = folder;
    this.out = join(folder, "cdk.out-access");
    this.logs = join(folder, "functions-access");
    this.log = join(folder, "cloud-access.log");
  }

  async synthesize(file: object): Promise<void> {
    const path = join(this.#folder, "access.json");
    await writeFile(path, JSON.stringify(file));
    await synthesize(this.out, true, ["--context", `access=${path}`]);
  }

  /** Returns the last log lines of the function that applied the file. */
  async logged(): Promise<readonly Readonly<Record<string, unknown>>[]> {
    const text = await readFile(join(this.logs, "RegistryAccessFunction.log"), "utf8");
    const lines: unknown[] = text
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    return lines.filter(isObject);
  }
}

async function replaces(cloud: RunningCloud, deployed: Deployed): Promise<string> {
  const { account } = cloud;
  const responses = {
    "the tester pushes to a granted repository": [201, await push(cloud, "acme/app", account)],
    "the tester pushes to another repository": [403, await push(cloud, "other/app", account)],
    "an anonymous client pushes": [401, await push(cloud, "acme/app")],
  } as const;
  const problems = Object.entries(responses)
    .filter(([, [expected, { status }]]) => status !== expected)
    .map(([what, [expected, { status }]]) => `${what}: ${status} instead of ${expected}`);
  const logged = (await deployed.logged()).map(({ change, kind, name }) => `${change} ${kind} ${name}`);
  for (const line of [
    `missing robot ${MISSING}`,
    `add grant user:${TESTER} acme/**`,
    `remove grant user:${TESTER} **`,
    "remove grant anonymous **",
  ])
    if (!logged.includes(line)) problems.push(`not logged: ${line}`);
  return requireNone(problems, logged.join(", "));
}

/** Runs the command that the log contains, with only the endpoint of DynamoDB added. */
async function createMissingAccount(cloud: RunningCloud, deployed: Deployed): Promise<string> {
  const line = (await deployed.logged()).find(({ name }) => name === MISSING);
  const [program = "", ...command] = String(line?.["run"]).split(" ");
  if (program !== "dockless") throw new Error(`unexpected command in the log: ${line?.["run"]}`);
  const location = ["--endpoint-dynamodb", cloud.location.endpoints.dynamoUrl];
  const { code, stdout, stderr } = await dockless([...command, ...location], { env: cloud.env });
  if (code !== 0) throw new Error(`dockless ${command.join(" ")}: ${stderr}`);
  const account = { username: MISSING, password: stdout.trim() };
  requireStatus(await repeatUntilStatus(() => pull(cloud, account), 200), 200);
  // Each environment learns of the account by itself.
  requireStatus(await repeatUntilStatus(() => push(cloud, "acme/app", account), 403), 403);
  return String(line?.["run"]);
}

async function renews(cloud: RunningCloud, deployed: Deployed): Promise<string> {
  await deployed.synthesize(SECOND);
  const invoked = [await cloud.deploy(), await cloud.deploy()].join(" and ");
  requireStatus(await repeatUntilStatus(() => push(cloud, "acme/app", cloud.account), 403), 403);
  requireStatus(await pull(cloud, cloud.account), 200);
  if (invoked !== "1 and 0") throw new Error(`two deployments of one file invoked ${invoked} functions`);
  const logged = (await deployed.logged()).map(({ change, kind, name }) => `${change} ${kind} ${name}`);
  const only = `change grant user:${TESTER} acme/**`;
  return requireNone(logged.join() === only ? [] : [`logged: ${logged.join(", ")}`], only);
}

async function push({ url }: RunningCloud, repository: string, account?: TestAccount): Promise<HttpResponse> {
  return await sendRequest(`${url}/v2/${repository}/manifests/v1`, {
    method: "PUT",
    headers: { "content-type": IMAGE_INDEX, ...basic(account) },
    body: { chunks: [EMPTY], length: EMPTY.length },
  });
}

async function pull({ url }: RunningCloud, account: TestAccount): Promise<HttpResponse> {
  return await sendRequest(`${url}/v2/acme/app/manifests/v1`, { headers: basic(account) });
}

function basic(account: TestAccount | undefined): Readonly<Record<string, string>> {
  if (account === undefined) return {};
  const { username, password } = account;
  return { authorization: `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}` };
}

/** Repeats a request. @returns the first response with this status, or the last one within the time limit */
async function repeatUntilStatus(ask: () => Promise<HttpResponse>, status: number): Promise<HttpResponse> {
  const end = performance.now() + MAX_WAIT_MILLISECONDS;
  for (;;) {
    const response = await ask();
    if (response.status === status || performance.now() > end) return response;
    await sleep(200);
  }
}
