import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { synthesize } from "../../local-cloud/synth.ts";
import { CLIENT_NAMES, type ClientName } from "../clients/clients.ts";
import { cleanUpOnSignals, withCleanup } from "../soak/cleanup.ts";
import { Report, requireNone } from "../soak/report.ts";
import { runSuite } from "../stores/suite.ts";
import { type Home, startHome } from "./homes.ts";
import { type HomeName, parseOptions } from "./options.ts";
import { KINDS, type Kind, People } from "./people.ts";
import { publish, pullBy, pullPlain } from "./public.ts";
import { expectOnlyPublic, expectRefused } from "./refused.ts";

const QUICK_CLIENTS: readonly ClientName[] = ["docker", "skopeo", "crane", "oras"];
/** Clients that pull images, which Helm and cosign do not. */
const IMAGE_CLIENTS = CLIENT_NAMES.filter((name) => name !== "helm" && name !== "cosign");

const options = parseOptions();
const report = new Report();
cleanUpOnSignals();
console.log(`logs of clients and functions: ${options.folder}`);
await mkdir(options.folder, { recursive: true });
if (options.homes.some((name) => name !== "serve")) await synthesize(join(options.folder, "cdk.out"), true);
const people = await People.start();
await withCleanup(
  () => people.stop(),
  async () => {
    for (const name of options.homes) await report.case(`${name}: all cases`, () => runHome(name));
  },
);
process.exitCode = report.end();

async function runHome(name: HomeName): Promise<string> {
  const home = await startHome(name, { stsUrl: people.stsUrl, folder: options.folder });
  return await withCleanup(home.stop, async () => {
    const askedBefore = people.askedOfSts;
    const { host } = new URL(home.url);
    await home.configure((records) => people.settle(records, host));
    for (const kind of KINDS) await runKind(name, home, kind);
    await runPublic(name, home);
    const problems = (await home.denied?.()) ?? [];
    return requireNone(problems, `on ${home.url}; ${people.askedOfSts - askedBefore} requests to STS`);
  });
}

async function runKind(name: HomeName, { url }: Home, kind: Kind): Promise<void> {
  const person = await people.person(kind, new URL(url).host);
  const { username, password } = person.good;
  const clients = options.quick && kind !== "user" ? QUICK_CLIENTS : CLIENT_NAMES;
  const signedIn = ["--url", url, "--username", username, "--password", password];
  const command = ["node", "test/clients/run.ts", ...signedIn, "--only", clients.join(","), "--sizes", "1k"];
  const log = join(options.folder, `clients-${name}-${kind}.log`);
  await report.case(`${name}: ${kind}, with a password of ${password.length} characters`, () =>
    runSuite({ log, command }),
  );
  await report.case(`${name}: ${kind} with invalid credentials`, () => expectRefused(url, person));
}

async function runPublic(name: HomeName, { url }: Home): Promise<void> {
  const { good } = await people.person("user", new URL(url).host);
  await report.case(`${name}: anonymous pull over plain HTTP`, async () => {
    const image = await publish(url, good);
    const figures = await pullPlain(url, image);
    for (const client of options.quick ? QUICK_CLIENTS : IMAGE_CLIENTS) {
      await report.case(`${name}: anonymous pull by ${client}`, () => pullBy(client, image));
    }
    return figures;
  });
  await report.case(`${name}: anonymous access to private repositories`, () => expectOnlyPublic(url));
}
