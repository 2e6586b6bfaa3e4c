import { execFile } from "node:child_process";
import { promisify } from "node:util";
import type { TestAccount } from "../../../../local-cloud/accounts.ts";
import { type HttpResponse, requireStatus, sendRequest } from "../../../soak/support/client.ts";
import type { Stage } from "../stage.ts";

const REPOSITORY = "cloud/commands";
const NAME = "me";
const IMAGE_INDEX = "application/vnd.oci.image.index.v1+json";
const EMPTY = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: IMAGE_INDEX, manifests: [] }));

/** Guarantee: with the output of `npm run cloud`, the commands of docs/deploy.md work on its table. */
export async function runCommands({ report, cloud, mode }: Stage): Promise<void> {
  await report.case(`${mode}: access commands on the table, with the printed variables`, async () => {
    const table = printedAfter(cloud.printed, "table ");
    const exported = printedAfter(cloud.printed, "to administer: ");
    const shown = printedAfter(cloud.printed, "then, for example: ");
    const location = shown.slice(shown.indexOf("--table"));
    const password = (await inShell(`${exported} && ${shown}`)).trim();
    requireStatus(await push(cloud.url, { username: NAME, password }), 201);
    // Anonymous clients may push here, but a client that sends a username must also send its secret.
    requireStatus(await push(cloud.url, { username: NAME, password: `${password}x` }), 401);
    const grant = `user:${NAME} '${REPOSITORY}' pull`;
    await inShell(`${exported} && npm run -s dockless -- access grant ${grant} ${location}`);
    const listed = await inShell(`${exported} && npm run -s dockless -- access list ${location}`);
    if (!listed.includes(REPOSITORY)) throw new Error(`the grant is not listed: ${listed}`);
    return `${NAME} is stored in ${table}, and signs in with the printed secret`;
  });
}

function printedAfter(lines: readonly string[], prefix: string): string {
  const line = lines.find((text) => text.startsWith(prefix));
  if (line === undefined) throw new Error(`no printed line begins with "${prefix}"`);
  return line.slice(prefix.length);
}

/** Runs an operator's command in a shell, with only those variables of this process that locate programs. */
async function inShell(command: string): Promise<string> {
  const env = { PATH: process.env["PATH"], HOME: process.env["HOME"] };
  const { stdout } = await promisify(execFile)("sh", ["-c", command], { env });
  return stdout;
}

async function push(url: string, { username, password }: TestAccount): Promise<HttpResponse> {
  const authorization = `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}`;
  return await sendRequest(`${url}/v2/${REPOSITORY}/manifests/v1`, {
    method: "PUT",
    headers: { "content-type": IMAGE_INDEX, authorization },
    body: { chunks: [EMPTY], length: EMPTY.length },
  });
}
