import { randomBytes } from "node:crypto";
import { readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setDefaultCACertificates } from "node:tls";
import { startServer } from "../support/server.ts";
import type { Case, ImageClient, SpecialClient } from "./client.ts";
import { casesOf, createClient } from "./clients.ts";
import { getHelp, type Options, parseOptions } from "./options.ts";
import { connectRegistry, type RegistryClient } from "./registry.ts";
import { killAll } from "./support/process.ts";
import { createSandbox, type Sandbox } from "./support/sandbox.ts";
import { installTools } from "./support/tools.ts";

interface Participant {
  readonly client: ImageClient | SpecialClient;
  readonly sandbox: Sandbox;
}

interface Counts {
  passed: number;
  failed: number;
}

let interrupted = false;
process.exitCode = await main(process.argv.slice(2));

async function main(args: readonly string[]): Promise<number> {
  const options = readOptions(args);
  if (options === undefined) return 2;
  if (options === "help") {
    console.log(getHelp());
    return 0;
  }
  stopOnSignals();
  if (options.authority !== undefined) setDefaultCACertificates([await readFile(options.authority, "utf8")]);
  const counts = { passed: 0, failed: 0 };
  try {
    await runAll(options, counts);
  } catch (error) {
    counts.failed++;
    console.log(`FAILED ${messageOf(error)}`);
  }
  console.log(`${counts.passed} passed, ${counts.failed} failed`);
  return counts.failed === 0 && counts.passed > 0 && !interrupted ? 0 : 1;
}

function readOptions(args: readonly string[]): Options | "help" | undefined {
  try {
    return parseOptions(args);
  } catch (error) {
    console.error(messageOf(error));
    console.error(getHelp());
    return undefined;
  }
}

/** Ends the running programs on a signal: their case fails, and the cleanup follows as after any failure. */
function stopOnSignals(): void {
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.on(signal, () => {
      interrupted = true;
      console.error("interrupted: cleaning up");
      killAll();
    });
  }
}

async function runAll(options: Options, counts: Counts): Promise<void> {
  // Lower case, because podman derives an image's name from the folder of the layout.
  const root = join(tmpdir(), `dockless-clients-${randomBytes(4).toString("hex")}`);
  const participants: Participant[] = [];
  try {
    for (const name of options.clients) {
      const sandbox = await createSandbox(join(root, name), options.authority);
      participants.push({ client: createClient(name, sandbox), sandbox });
    }
    await installTools(participants.flatMap(({ client }) => client.tools));
    await printVersions(participants);
    await withRegistry(options, async (registry) => {
      for (const participant of participants) {
        if (!interrupted) await runClient(participant, options, registry, counts);
      }
    });
  } finally {
    for (const { sandbox } of participants) await sandbox.dispose();
    await rm(root, { recursive: true, force: true });
  }
}

async function printVersions(participants: readonly Participant[]): Promise<void> {
  for (const { client } of participants) {
    const [line] = (await client.version()).trim().split("\n");
    console.log(`${client.name.padEnd(12)}${line}`);
  }
}

async function withRegistry(
  options: Options,
  use: (registry: RegistryClient) => Promise<void>,
): Promise<void> {
  if (options.url !== undefined) return await use(connectRegistry(options.url, options.credentials));
  const server = await startServer();
  try {
    await use(connectRegistry(server.url, options.credentials));
  } finally {
    await server.dispose();
  }
}

async function runClient(
  { client, sandbox }: Participant,
  options: Options,
  registry: RegistryClient,
  counts: Counts,
): Promise<void> {
  const prefix = `clients-${Date.now().toString(36)}`;
  const place = { registry, prefix, directory: sandbox.directory };
  const cases = casesOf(client, options.cases, place);
  try {
    await client.start?.();
    if (options.credentials !== undefined) await client.login(registry.host, options.credentials);
    for (const item of cases) {
      if (interrupted) return;
      if (await attempt(item)) counts.passed++;
      else counts.failed++;
    }
  } catch (error) {
    counts.failed += cases.length;
    console.log(`FAILED ${client.name}: all ${cases.length} cases, because it could not start or log in`);
    console.log(indented(messageOf(error)));
  } finally {
    await client.stop?.();
    await sandbox.dispose();
  }
}

/** Runs a case and prints its result. @returns whether it passed */
async function attempt({ name, run }: Case): Promise<boolean> {
  const start = performance.now();
  const error = await run().then(
    () => undefined,
    (cause: unknown) => messageOf(cause),
  );
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  console.log(`${error === undefined ? "ok    " : "FAILED"} ${name} (${seconds} s)`);
  if (error !== undefined) console.log(indented(error));
  return error === undefined;
}

function indented(text: string): string {
  return text.replace(/^/gm, "       ");
}

function messageOf(error: unknown): string {
  return error instanceof Error ? `${error.message}${error.cause ? `: ${error.cause}` : ""}` : String(error);
}
