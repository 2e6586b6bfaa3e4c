import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import {
  EDGE_CLIENT_HEADER,
  ORIGIN_SECRET_HEADER,
  REGISTRY_HOST_HEADER,
} from "../../../../lib/ports/headers.ts";
import { MIB } from "../../../soak/figures.ts";
import { requireNone } from "../../../soak/report.ts";
import { type RequestOptions, requireStatus, sendRequest } from "../../../soak/support/client.ts";
import type { Stage } from "../stage.ts";

/** Above the size up to which a body that is not read hides in the buffers of sockets. */
const BODY = Buffer.alloc(3 * MIB);

const UPLOADS = "/v2/cloud/origins/blobs/uploads/";

/** Requests that an origin without the check would not reject with 403: anonymous clients have all rights. */
const REQUESTS: readonly (RequestOptions & { readonly path: string })[] = [
  { path: "/v2/" },
  { path: "/token" },
  { path: UPLOADS, method: "POST" },
  { path: `${UPLOADS}1`, method: "PUT", body: { chunks: [BODY], length: BODY.length } },
];

/** Time in which a line of a function arrives in its log. */
const MAX_LOG_MILLISECONDS = 10_000;

/** Guarantee: the origins serve the distribution only, and log the address of its client. */
export async function runOrigins(stage: Stage): Promise<void> {
  const { report, cloud, mode } = stage;
  const origins = { "API Gateway": cloud.apiUrl, "the web function": cloud.webUrl };
  for (const [name, url] of Object.entries(origins)) {
    await report.case(`${mode}: ${name} without CloudFront`, () => requireRefusals(url));
    await report.case(`${mode}: ${name} with the secret`, async () => {
      const headers = { [ORIGIN_SECRET_HEADER]: cloud.originSecret };
      const { status } = requireStatus(await sendRequest(`${url}/v2/`, { headers }), 401);
      return `GET /v2/ is answered by the registry, with ${status}`;
    });
  }
  await report.case(`${mode}: CloudFront overwrites reserved headers from the client`, () =>
    requireReplaced(stage),
  );
  await report.case(`${mode}: no log contains the secret`, () => requireSecrecy(stage));
}

async function requireRefusals(url: string): Promise<string> {
  const problems: string[] = [];
  for (const secret of [undefined, "a-wrong-secret"]) {
    const headers: Record<string, string> = secret === undefined ? {} : { [ORIGIN_SECRET_HEADER]: secret };
    for (const { path, ...request } of REQUESTS) {
      const { status, body } = await sendRequest(`${url}${path}`, { ...request, headers });
      if (status !== 403 || !body.includes("this address is not public"))
        problems.push(`${request.method ?? "GET"} ${path} returned ${status}: ${body.subarray(0, 100)}`);
    }
  }
  return requireNone(problems, `${2 * REQUESTS.length} requests rejected with 403`);
}

/** Signs in with a wrong password and forged headers, and reads the line of the audit log. */
async function requireReplaced({ cloud, mode, options }: Stage): Promise<string> {
  const name = `forger-${mode}`;
  const headers = {
    [ORIGIN_SECRET_HEADER]: "a-wrong-secret",
    [EDGE_CLIENT_HEADER]: "192.0.2.66",
    [REGISTRY_HOST_HEADER]: "192.0.2.67",
    "x-forwarded-for": "192.0.2.68",
    authorization: `Basic ${Buffer.from(`${name}:wrong`).toString("base64")}`,
  };
  requireStatus(await sendRequest(`${cloud.url}/token`, { headers }), 401);
  const end = performance.now() + MAX_LOG_MILLISECONDS;
  while (performance.now() < end) {
    const lines = (await logsIn(options.folder, mode)).flatMap((text) => text.split("\n"));
    const line = lines.findLast((text) => text.includes('"login failed"') && text.includes("192.0.2.68"));
    if (line?.includes('"from":"127.0.0.1"')) return line;
    await sleep(100);
  }
  throw new Error("the audit log has no line with the address of the client");
}

async function requireSecrecy({ cloud, mode, options }: Stage): Promise<string> {
  const logs = await logsIn(options.folder, mode);
  if (cloud.originSecret.length < 40 || logs.join("").length === 0) throw new Error("nothing to search for");
  const problems = logs.filter((text) => text.includes(cloud.originSecret)).map(() => "a log has the secret");
  return requireNone(problems, `${logs.length} logs`);
}

async function logsIn(folder: string, mode: string): Promise<readonly string[]> {
  const logs = join(folder, `functions-${mode}`);
  const names = await readdir(logs);
  return await Promise.all(names.map((name) => readFile(join(logs, name), "utf8")));
}
