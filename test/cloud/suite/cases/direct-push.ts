import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { withRecords } from "../../../../lib/cli/storage/access-records.ts";
import {
  EDGE_HOST_HEADER,
  ORIGIN_SECRET_HEADER,
  REGISTRY_HOST_HEADER,
} from "../../../../lib/ports/headers.ts";
import { synthesize } from "../../../../local-cloud/synth.ts";
import { type Credentials, connectRegistry } from "../../../clients/registry.ts";
import { TestIdentities } from "../../../identities/test-identities.ts";
import { requestToken } from "../../../identities/token-requests.ts";
import { withCleanup } from "../../../soak/cleanup.ts";
import { requireNone } from "../../../soak/report.ts";
import { requireStatus, sendRequest } from "../../../soak/support/client.ts";
import { runSuite } from "../../../stores/suite.ts";
import { dockless } from "../../../support/command.ts";
import { type RunningCloud, startCloud } from "../cloud-process.ts";
import { MODE_FLAGS, type Mode } from "../options.ts";
import type { Stage } from "../stage.ts";
import { verifyConduct } from "./conduct.ts";

const REPOSITORY = "cloud/direct-push";

/** Clients that push by PATCH, and clients that push by PUT. */
const CLIENTS = "docker,skopeo,crane,oras,regctl";
const QUICK = ["--sizes", "1k,12m,copy"];

/** Requests that anonymous callers may send through the distribution, and requests for what does not exist. */
const ANONYMOUS_REQUESTS = [
  ["GET", "/v2/"],
  ["GET", "/v2/_catalog"],
  ["GET", `/v2/${REPOSITORY}/tags/list`],
  ["HEAD", `/v2/${REPOSITORY}/manifests/v1`],
  ["POST", `/v2/${REPOSITORY}/blobs/uploads/`],
  ["PATCH", `/v2/${REPOSITORY}/blobs/uploads/none`],
  ["GET", `/token?scope=repository:${REPOSITORY}:pull`],
  ["GET", "/healthz"],
  ["GET", "/"],
] as const;

type DirectCloud = RunningCloud & { readonly directUrl: string };

interface DirectStage extends Pick<Stage, "report" | "options" | "mode"> {
  readonly cloud: DirectCloud;
  readonly people: TestIdentities;
}

/** Guarantee: the web function's own hostname is a registry for authenticated clients, without CloudFront and API Gateway. */
export async function runDirectPush({ report, options }: Pick<Stage, "report" | "options">): Promise<void> {
  await report.case("direct-push: synthesis", async () => {
    await mkdir(options.folder, { recursive: true });
    const config = join(options.folder, "direct-push.json");
    await writeFile(config, JSON.stringify({ directPush: true }));
    await synthesize(outOf(options.folder), true, ["--context", `config=${config}`]);
    return outOf(options.folder);
  });
  const people = await TestIdentities.start();
  await withCleanup(
    () => people.stop(),
    async () => {
      for (const mode of options.modes)
        await report.case(titled(mode, "the whole run"), () => play({ report, options, mode, people }));
    },
  );
}

function outOf(folder: string): string {
  return join(folder, "cdk.out-direct-push");
}

async function play({ report, options, mode, people }: Omit<DirectStage, "cloud">): Promise<string> {
  const { folder } = options;
  const logs = join(folder, `functions-direct-push-${mode}`);
  const sts = ["--env", `AWS_ENDPOINT_URL_STS=${people.stsUrl}`];
  const args = ["--out", outOf(folder), "--logs", logs, ...sts, ...MODE_FLAGS[mode]];
  const started = await startCloud(args, join(folder, `cloud-direct-push-${mode}.log`));
  return await withCleanup(started.stop, async () => {
    const cloud = requireDirectUrl(started);
    const stage = { report, options, mode, cloud, people };
    await verifyHosts(stage);
    await verifyClients(stage);
    await verifyDoctor(stage);
    await verifyRoute(stage);
    // Last, since it replaces the grants.
    await verifyAwsPrincipals(stage);
    await verifyConduct(stage);
    return `on ${cloud.directUrl}`;
  });
}

function requireDirectUrl(cloud: RunningCloud): DirectCloud {
  const { directUrl } = cloud;
  if (directUrl === undefined) throw new Error("the cloud printed no URL for direct pushes");
  return { ...cloud, directUrl };
}

function titled(mode: Mode, title: string): string {
  return `${mode}: direct-push: ${title}`;
}

async function verifyHosts({ report, mode, cloud }: DirectStage): Promise<void> {
  await report.case(titled(mode, "anonymous callers only get a challenge"), () => challenge(cloud));
  await report.case(titled(mode, "each hostname is a registry of its own"), () => separate(cloud));
}

/** Sends anonymous requests to a public registry, with headers that only the edge and API Gateway may set. */
async function challenge({ url, apiUrl, directUrl }: DirectCloud): Promise<string> {
  const { host } = new URL(directUrl);
  const front = new URL(url).host;
  const forged = {
    [EDGE_HOST_HEADER]: front,
    [REGISTRY_HOST_HEADER]: front,
    [ORIGIN_SECRET_HEADER]: "wrong",
  };
  const problems: string[] = [];
  for (const [method, path] of ANONYMOUS_REQUESTS) {
    const { status, headers } = await sendRequest(`${directUrl}${path}`, { method, headers: forged });
    const wanted = path.startsWith("/token")
      ? "Basic "
      : `Bearer realm="${directUrl}/token",service="${host}"`;
    const actual = String(headers["www-authenticate"]);
    if (status !== 401 || !actual.startsWith(wanted))
      problems.push(`${method} ${path}: ${status}, ${actual}`);
  }
  requireStatus(await sendRequest(`${apiUrl}/v2/`), 403);
  requireStatus(await sendRequest(`${url}/v2/${REPOSITORY}/blobs/uploads/`, { method: "POST" }), 202);
  return requireNone(problems, `${ANONYMOUS_REQUESTS.length} requests returned 401`);
}

/** Requests a token at each hostname, and uses it at both. */
async function separate({ url, directUrl, account }: DirectCloud): Promise<string> {
  const problems: string[] = [];
  for (const issuer of [url, directUrl]) {
    const authorization = `Bearer ${await tokenFrom(issuer, account)}`;
    for (const at of [url, directUrl]) {
      const { status } = await sendRequest(`${at}/v2/`, { headers: { authorization } });
      if (status !== (at === issuer ? 200 : 401)) problems.push(`token of ${issuer} at ${at}: ${status}`);
    }
  }
  return requireNone(problems, "a token is valid at the hostname that issued it only");
}

async function tokenFrom(url: string, { username, password }: RunningCloud["account"]): Promise<string> {
  const authorization = `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}`;
  const { body } = requireStatus(await sendRequest(`${url}/token`, { headers: { authorization } }), 200);
  return JSON.parse(body.toString()).token;
}

async function verifyClients({ report, options, mode, cloud }: DirectStage): Promise<void> {
  const { username, password } = cloud.account;
  const signedIn = ["--url", cloud.directUrl, "--username", username, "--password", password];
  await report.case(titled(mode, `clients (${CLIENTS})`), () => {
    const command = [
      "node",
      "test/clients/run.ts",
      ...signedIn,
      "--only",
      CLIENTS,
      ...(options.quick ? QUICK : []),
    ];
    return runSuite({ log: join(options.folder, `clients-direct-push-${mode}.log`), command });
  });
  await report.case(titled(mode, "conformance"), () => {
    const command = ["node", "test/conformance/run.ts", ...signedIn, "--redirects"];
    return runSuite({ log: join(options.folder, `conformance-direct-push-${mode}.log`), command });
  });
  await report.case(titled(mode, "the other hostname serves what was pushed"), async () => {
    const catalogs = [cloud.url, cloud.directUrl].map(async (url) => {
      return await (await connectRegistry(url, cloud.account).request("GET", "/v2/_catalog")).text();
    });
    const [front = "", direct] = await Promise.all(catalogs);
    if (front !== direct) throw new Error(`${front} differs from ${direct}`);
    return `${JSON.parse(front).repositories.length} repositories`;
  });
}

async function verifyDoctor({ report, mode, cloud }: DirectStage): Promise<void> {
  await report.case(titled(mode, "dockless doctor"), async () => {
    const { username, password } = cloud.account;
    const args = ["doctor", cloud.directUrl, "--username", username];
    const { code, stdout } = await dockless(args, { env: { DOCKLESS_PASSWORD: password } });
    if (code !== 0) throw new Error(stdout);
    return stdout.trim().split("\n").at(-1) ?? "";
  });
}

/** Verifies that no direct request passed through API Gateway, whose functions have served only those to the distribution. */
async function verifyRoute({ report, mode, cloud }: DirectStage): Promise<void> {
  await report.case(titled(mode, "direct requests reach the web function only"), async () => {
    const before = await eventInvocations(cloud);
    const registry = connectRegistry(cloud.directUrl, cloud.account);
    const { status } = await registry.request("GET", "/v2/_catalog");
    const after = await eventInvocations(cloud);
    if (status !== 200 || after !== before) throw new Error(`${status}, ${after - before} event invocations`);
    return "no event invocation";
  });
}

async function eventInvocations(cloud: RunningCloud): Promise<number> {
  const stats = Object.entries(await cloud.stats()).filter(([name]) => name !== "WebFunction");
  return stats.reduce((sum, [, { invocations }]) => sum + invocations, 0);
}

/** Milliseconds within which a change of accounts and grants is effective, with a margin. */
const MAX_WAIT_MILLISECONDS = 10_000;

async function verifyAwsPrincipals({ report, mode, cloud, people }: DirectStage): Promise<void> {
  await report.case(
    titled(mode, "an AWS principal signs in at each hostname with a password for it"),
    async () => {
      const urls = [cloud.url, cloud.directUrl];
      await configure(cloud, people);
      const problems: string[] = [];
      for (const signedFor of urls) {
        const { valid } = await people.createCredentials("aws", new URL(signedFor).host);
        for (const at of urls) {
          const status = at === signedFor ? await untilAccepted(at, valid) : await signIn(at, valid);
          if (status !== (at === signedFor ? 200 : 401))
            problems.push(`password for ${signedFor} at ${at}: ${status}`);
        }
      }
      return requireNone(problems, `${people.stsRequestCount} requests to STS`);
    },
  );
}

/** Grants the identities their access, with AWS credentials that later parts of the suite do not have. */
async function configure({ url, location, env }: RunningCloud, people: TestIdentities): Promise<void> {
  const before = { ...process.env };
  Object.assign(process.env, env);
  try {
    const records = { data: "", table: location.table, endpointDynamodb: location.endpoints.dynamoUrl };
    await withRecords(records, (store) => people.configure(store, new URL(url).host));
  } finally {
    for (const name of Object.keys(env)) delete process.env[name];
    Object.assign(process.env, before);
  }
}

async function signIn(url: string, credentials: Credentials): Promise<number> {
  const response = await requestToken(url, "repository:clients-x/app:pull,push", credentials);
  await response.body?.cancel();
  return response.status;
}

/**
 * Signs in until the rule of the principal is effective in the environment that serves the request.
 * @returns the last status
 */
async function untilAccepted(url: string, credentials: Credentials): Promise<number> {
  const end = performance.now() + MAX_WAIT_MILLISECONDS;
  for (;;) {
    const status = await signIn(url, credentials);
    if (status === 200 || performance.now() > end) return status;
    await sleep(200);
  }
}
