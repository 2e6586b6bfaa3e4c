import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { synthesize } from "../../local-cloud/synth.ts";
import { CLIENT_NAMES, type ClientName } from "../clients/clients.ts";
import { cleanUpOnSignals, withCleanup } from "../soak/cleanup.ts";
import { Report, requireNone } from "../soak/report.ts";
import { runSuite } from "../stores/suite.ts";
import { type DeniedPush, expectDeniedPush } from "./denied-pushes.ts";
import { parseOptions, type RuntimeName } from "./options.ts";
import { runProxyCases } from "./proxies/cases.ts";
import { pullByClient, pullByHttp, pushPublicImage } from "./public-images.ts";
import { expectPublicOnly, expectRejected } from "./rejections.ts";
import { type Runtime, startRuntime } from "./runtimes.ts";
import { IDENTITY_KINDS, type IdentityKind, PUBLIC, READ_ONLY, TestIdentities } from "./test-identities.ts";
import { expectWebPageAccess } from "./web-pages.ts";

const QUICK_CLIENTS: readonly ClientName[] = ["docker", "skopeo", "crane", "oras"];
/** Clients that pull images, which Helm and cosign do not. */
const IMAGE_CLIENTS = CLIENT_NAMES.filter((name) => name !== "helm" && name !== "cosign");

/** Clients whose refused pushes are checked with `--quick`: docker and containerd have rules of their own for error codes. */
const QUICK_DENIED_CLIENTS: readonly ClientName[] = ["docker", "containerd", "podman"];

const options = parseOptions();
const report = new Report();
cleanUpOnSignals();
console.log(`logs of clients and functions: ${options.folder}`);
await mkdir(options.folder, { recursive: true });
if (options.runtimes.some((name) => name === "cloud" || name === "harsh"))
  await synthesize(join(options.folder, "cdk.out"), true);
const people = await TestIdentities.start();
await withCleanup(
  () => people.stop(),
  async () => {
    for (const name of options.runtimes)
      await report.case(`${name}: all cases`, () =>
        name === "nginx" || name === "caddy" ? runProxyCases(name, options, report) : runHome(name),
      );
  },
);
process.exitCode = report.end();

async function runHome(name: RuntimeName): Promise<string> {
  const runtime = await startRuntime(name, { stsUrl: people.stsUrl, folder: options.folder });
  return await withCleanup(runtime.stop, async () => {
    const askedBefore = people.stsRequestCount;
    const { host } = new URL(runtime.url);
    await runtime.configure((records) => people.configure(records, host));
    for (const kind of IDENTITY_KINDS) await runKind(name, runtime, kind);
    await runPublic(name, runtime);
    await runDenied(name, runtime);
    await report.case(`${name}: a web page from another origin`, () => expectWebPageAccess(runtime.url));
    const problems = (await runtime.denied?.()) ?? [];
    return requireNone(
      problems,
      `on ${runtime.url}; ${people.stsRequestCount - askedBefore} requests to STS`,
    );
  });
}

async function runKind(name: RuntimeName, { url }: Runtime, kind: IdentityKind): Promise<void> {
  const person = await people.createCredentials(kind, new URL(url).host);
  const { username, password } = person.valid;
  const clients = options.quick && kind !== "user" ? QUICK_CLIENTS : CLIENT_NAMES;
  const signedIn = ["--url", url, "--username", username, "--password", password];
  const command = ["node", "test/clients/run.ts", ...signedIn, "--only", clients.join(","), "--sizes", "1k"];
  const log = join(options.folder, `clients-${name}-${kind}.log`);
  await report.case(`${name}: ${kind}, with a password of ${password.length} characters`, () =>
    runSuite({ log, command }),
  );
  await report.case(`${name}: ${kind} with invalid credentials`, () => expectRejected(url, person));
}

async function runPublic(name: RuntimeName, { url }: Runtime): Promise<void> {
  const { valid } = await people.createCredentials("user", new URL(url).host);
  await report.case(`${name}: anonymous pull over plain HTTP`, async () => {
    const image = await pushPublicImage(url, valid);
    const figures = await pullByHttp(url, image);
    for (const client of options.quick ? QUICK_CLIENTS : IMAGE_CLIENTS) {
      await report.case(`${name}: anonymous pull by ${client}`, () => pullByClient(client, image));
    }
    return figures;
  });
  await report.case(`${name}: anonymous access to private repositories`, () => expectPublicOnly(url));
}

async function runDenied(name: RuntimeName, { url }: Runtime): Promise<void> {
  const { valid } = await people.createCredentials("user", new URL(url).host);
  const pushes: Readonly<Record<string, DeniedPush>> = {
    "without a grant": { url, repository: `${READ_ONLY}/app`, credentials: valid },
    "without credentials": { url, repository: `${PUBLIC}/denied` },
  };
  for (const [kind, push] of Object.entries(pushes)) {
    for (const client of options.quick ? QUICK_DENIED_CLIENTS : IMAGE_CLIENTS) {
      await report.case(`${name}: push ${kind} by ${client}`, () => expectDeniedPush(client, push));
    }
  }
}
