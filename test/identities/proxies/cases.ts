import { readFile } from "node:fs/promises";
import { request } from "node:https";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { setDefaultCACertificates } from "node:tls";
import { addAccount } from "../../../lib/auth/accounts/manage-accounts.ts";
import { grant } from "../../../lib/auth/grants/manage-grants.ts";
import { withRecords } from "../../../lib/cli/storage/access-records.ts";
import { initFolder } from "../../../lib/cli/storage/init-folder.ts";
import { expectEqual } from "../../clients/support/expect.ts";
import { run } from "../../clients/support/process.ts";
import { installTools } from "../../clients/support/tools.ts";
import { withCleanup } from "../../soak/cleanup.ts";
import type { Report } from "../../soak/report.ts";
import { runSuite } from "../../stores/suite.ts";
import { newFolder } from "../../support/folder.ts";
import { startServer } from "../../support/server.ts";
import type { Options, ProxyName } from "../options.ts";
import { requestAuthorization } from "../token-requests.ts";
import { AUTHORITY, PROXY_TOOLS, startProxy } from "./proxy.ts";

const USERNAME = "alice";
/** More than the proxies buffer, and than nginx accepts by default. */
const LARGE_BODY = "300MB";
const ANNOUNCED_BYTES = 1024 ** 3;
/** Bytes of a rejected body after which a response is late: far less than a proxy would have to buffer. */
const MAX_SENT_BYTES = 64 * 1024 ** 2;
const CHUNK = Buffer.alloc(64 * 1024);

/** Runs all cases behind a proxy with TLS. The registry has no public URL: it trusts the headers of the proxy. */
export async function runProxyCases(name: ProxyName, options: Options, report: Report): Promise<string> {
  await installTools([PROXY_TOOLS[name]]);
  setDefaultCACertificates([await readFile(AUTHORITY, "utf8")]);
  const folder = await newFolder();
  return await withCleanup(folder.remove, async () => {
    const password = await createUser(folder.path);
    const server = await startServer({ data: folder.path, args: ["--log", "nothing"] });
    return await withCleanup(
      async () => void (await server.stop()),
      async () => {
        const proxy = await startProxy(name, server.url, join(options.folder, name));
        return await withCleanup(
          () => proxy.stop(),
          () => runAgainst(name, { url: proxy.url, password }, options, report),
        );
      },
    );
  });
}

interface Target {
  readonly url: string;
  readonly password: string;
}

async function runAgainst(
  name: ProxyName,
  { url, password }: Target,
  options: Options,
  report: Report,
): Promise<string> {
  await report.case(`${name}: the challenge names the proxy's URL, and issues tokens there`, () =>
    expectRealm(url, password),
  );
  await report.case(`${name}: a PATCH is rejected before its body has been sent`, () =>
    expectEarlyRejection(url),
  );
  const credentials = ["--username", USERNAME, "--password", password];
  const sizes = options.quick ? "1k,12m" : "1k,12m,300m";
  await report.case(`${name}: clients sign in, push and pull over TLS`, () =>
    runSuite({
      log: join(options.folder, `clients-${name}.log`),
      command: [
        ...["node", "test/clients/run.ts", "--url", url, "--authority", AUTHORITY, ...credentials],
        ...["--only", "docker,skopeo,crane", "--sizes", sizes],
      ],
    }),
  );
  await report.case(`${name}: dockless doctor, with blobs of ${LARGE_BODY}`, () => runDoctor(url, password));
  return `on ${url}`;
}

async function createUser(data: string): Promise<string> {
  await initFolder(data);
  return await withRecords({ data }, async (records) => {
    const { secret } = await addAccount(
      records,
      "user",
      USERNAME,
      { groups: [], expires: undefined },
      new Date(),
    );
    await grant(records, `user:${USERNAME}`, "**", "admin");
    return secret;
  });
}

async function expectRealm(url: string, password: string): Promise<string> {
  const response = await fetch(`${url}/v2/`);
  await response.body?.cancel();
  const { host } = new URL(url);
  const challenge = response.headers.get("www-authenticate");
  expectEqual("the challenge", challenge, `Bearer realm="${url}/token",service="${host}"`);
  await requestAuthorization(url, "repository:a:pull", { username: USERNAME, password });
  return challenge ?? "";
}

/**
 * Sends a large body without credentials until the response arrives. Caddy passes on an early response only while the client
 * is still sending.
 */
async function expectEarlyRejection(url: string): Promise<string> {
  const headers = { "content-length": String(ANNOUNCED_BYTES) };
  const upload = request(`${url}/v2/a/blobs/uploads/x`, { method: "PATCH", headers });
  upload.on("error", () => undefined);
  let status: number | undefined;
  upload.once("response", (response) => {
    status = response.statusCode;
  });
  let sent = 0;
  try {
    for (; status === undefined && sent < MAX_SENT_BYTES; sent += CHUNK.length) {
      upload.write(CHUNK);
      await sleep(20);
    }
    expectEqual("the status of a PATCH without credentials", status, 401);
    return `401 after ${sent / 1024} of ${ANNOUNCED_BYTES / 1024} KiB`;
  } finally {
    upload.destroy();
  }
}

async function runDoctor(url: string, password: string): Promise<string> {
  const options = ["--username", USERNAME, "--password-stdin", "--size", LARGE_BODY];
  const { stdout } = await run(["node", "bin/dockless.ts", "doctor", url, ...options], {
    cwd: join(import.meta.dirname, "../../.."),
    env: { ...process.env, NODE_EXTRA_CA_CERTS: AUTHORITY },
    input: password,
  });
  return stdout.trim().split("\n").at(-1) ?? "";
}
