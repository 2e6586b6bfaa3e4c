import { join } from "node:path";
import { type AccessRecordsOptions, withRecords } from "../../lib/cli/storage/access-records.ts";
import type { RecordStore } from "../../lib/ports/record-store.ts";
import { freePort } from "../../local-cloud/support/processes.ts";
import { startCloud } from "../cloud/suite/cloud-process.ts";
import { newFolder } from "../support/folder.ts";
import { startServer } from "../support/server.ts";
import type { RuntimeName } from "./options.ts";
import { WEB_PAGE_ORIGIN } from "./web-pages.ts";

/** A running registry that sends its requests to STS to the stand-in. */
export interface Runtime {
  readonly url: string;
  /** Runs work on its records, as the access command does. */
  configure(work: (records: RecordStore) => Promise<void>): Promise<void>;
  /** Lists calls to AWS that the roles of its functions do not allow. Missing for runtimes without functions. */
  denied?(): Promise<readonly string[]>;
  stop(): Promise<void>;
}

interface Surroundings {
  readonly stsUrl: string;
  /** Path of the folder for logs. */
  readonly folder: string;
}

const STARTERS: Readonly<Record<RuntimeName, (around: Surroundings) => Promise<Runtime>>> = {
  serve: startServe,
  cloud: (around) => startLocalCloud("cloud", around, []),
  harsh: (around) => startLocalCloud("harsh", around, ["--harsh", "--recycle"]),
};

/** Starts a registry on a runtime. */
export function startRuntime(name: RuntimeName, around: Surroundings): Promise<Runtime> {
  return STARTERS[name](around);
}

async function startServe({ stsUrl }: Surroundings): Promise<Runtime> {
  process.env["AWS_ENDPOINT_URL_STS"] = stsUrl;
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const { path: data, remove } = await newFolder();
  // Accounts are added while it runs.
  const open = ["--public-url", url, "--allow-anonymous", "--cors-origin", WEB_PAGE_ORIGIN];
  const args = ["--port", String(port), ...open, "--log", "nothing"];
  const server = await startServer({ data, args });
  const stop = async () => {
    await server.stop();
    await remove();
  };
  return { url, configure: createConfigure({ data }), stop };
}

async function startLocalCloud(
  name: string,
  { stsUrl, folder }: Surroundings,
  flags: readonly string[],
): Promise<Runtime> {
  const out = ["--out", join(folder, "cdk.out"), "--logs", join(folder, `functions-${name}`)];
  // As the prop corsOrigins sets it.
  const variables = [`AWS_ENDPOINT_URL_STS=${stsUrl}`, `DOCKLESS_CORS_ORIGIN=${WEB_PAGE_ORIGIN}`];
  const args = [...out, ...variables.flatMap((variable) => ["--env", variable]), ...flags];
  const { url, location, env, stats, stop } = await startCloud(args, join(folder, `${name}.log`));
  // AWS credentials for the access command.
  Object.assign(process.env, env);
  const records = { data: "", table: location.table, endpointDynamodb: location.endpoints.dynamoUrl };
  const denied = async () =>
    Object.entries(await stats()).flatMap(([part, { denied }]) =>
      denied.map((what) => `${part} may not ${what}`),
    );
  return { url, configure: createConfigure(records), denied, stop };
}

function createConfigure(options: AccessRecordsOptions): Runtime["configure"] {
  return (work) => withRecords(options, work);
}
