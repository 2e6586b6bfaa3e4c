import { readFileSync } from "node:fs";
import { createServer } from "node:https";
import { join } from "node:path";
import { getCACertificates, setDefaultCACertificates } from "node:tls";
import { afterAll, beforeAll, expect, it } from "vitest";
import { formatResult } from "../../lib/doctor/findings/report.ts";
import { type ListeningServer, listen } from "../../local-cloud/support/listen.ts";
import { runDoctor } from "./run-doctor.ts";

const pem = (name: string) => readFileSync(join(import.meta.dirname, "certificates", `${name}.pem`), "utf8");
const CREDENTIALS = { username: "ci", password: "a very secret password" };

const defaultAuthorities = getCACertificates();
let proxy: ListeningServer;
const authorizations: (string | undefined)[] = [];

beforeAll(async () => {
  setDefaultCACertificates([...defaultAuthorities, pem("authority")]);
  // A registry behind a proxy with TLS that does not know the scheme.
  const server = createServer({ key: pem("key"), cert: pem("valid") }, ({ headers }, outgoing) => {
    authorizations.push(headers.authorization);
    const challenge = `Bearer realm="http://${headers.host}/token",service="${headers.host}"`;
    outgoing.writeHead(401, { "www-authenticate": challenge }).end();
  });
  proxy = await listen(server);
});
afterAll(async () => {
  await proxy.stop();
  setDefaultCACertificates(defaultAuthorities);
});

it.each(["challenge", "token-get", "push-put"])(
  "%s fails with its cause and the options when the realm is http behind https, and sends no password",
  async (check) => {
    const url = proxy.url.replace("http:", "https:");
    const run = await runDoctor(url, { credentials: CREDENTIALS, only: [check] });
    expect(run.result(check).status).toBe("failed");
    const text = formatResult(run.result(check));
    expect(text).toMatch(/its realm is an http URL, although the registry is reached over https/);
    expect(text).toMatch(/likely cause: .*does not know .* TLS/);
    expect(text).toMatch(/fix: .*--public-url https:\/\/.*X-Forwarded-Proto.*--trust-proxy/);
    expect(authorizations.filter((value) => value !== undefined)).toEqual([]);
  },
);
