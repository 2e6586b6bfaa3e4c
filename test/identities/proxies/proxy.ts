import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { freePort, type RunningProcess, startProcess } from "../../../local-cloud/support/processes.ts";
import type { Tool } from "../../clients/support/tools.ts";
import type { ProxyName } from "../options.ts";
import { adaptRecipe, readRecipe } from "./recipe.ts";

const CERTIFICATES = join(import.meta.dirname, "../../doctor/certificates");
/** PEM file of the authority that has issued the certificate of the proxies. */
export const AUTHORITY = join(CERTIFICATES, "authority.pem");
const CERTIFICATE = join(CERTIFICATES, "valid.pem");
const KEY = join(CERTIFICATES, "key.pem");

const NGINX = "/usr/sbin/nginx";
const CADDY = "/usr/bin/caddy";

/** Packages with the proxies. */
export const PROXY_TOOLS: Readonly<Record<ProxyName, Tool>> = {
  nginx: { package: "nginx", programs: [NGINX] },
  caddy: { package: "caddy", programs: [CADDY] },
};

/** A proxy with TLS, its port on loopback, and the registry behind it. */
interface ProxySettings {
  /** Path of the folder for its configuration and state. */
  readonly folder: string;
  readonly port: number;
  /** Host and port of the registry. */
  readonly upstream: string;
}

/** A running proxy. */
export interface RunningProxy extends RunningProcess {
  readonly url: string;
}

/** Starts a proxy with TLS in front of a registry, with the recipe of the documentation. */
export async function startProxy(name: ProxyName, registry: string, folder: string): Promise<RunningProxy> {
  await mkdir(folder, { recursive: true });
  const port = await freePort();
  const start = name === "nginx" ? startNginx : startCaddy;
  const url = `https://127.0.0.1:${port}`;
  return { url, ...(await start({ folder, port, upstream: new URL(registry).host }, url)) };
}

async function startNginx({ folder, port, upstream }: ProxySettings, url: string): Promise<RunningProcess> {
  const server = adaptRecipe(await readRecipe("nginx"), [
    ["listen 443 ssl;", `listen 127.0.0.1:${port} ssl;`],
    ["registry.example.com;", "127.0.0.1;"],
    ["/etc/ssl/registry.example.com.pem", CERTIFICATE],
    ["/etc/ssl/private/registry.example.com.key", KEY],
    ["127.0.0.1:5000", upstream],
  ]);
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
    .map((kind) => `  ${kind}_temp_path ${folder}/${kind};\n`)
    .join("");
  const main = `daemon off;\npid ${folder}/nginx.pid;\nerror_log stderr;\nevents {}\n`;
  const file = join(folder, "nginx.conf");
  await writeFile(file, `${main}http {\n  access_log off;\n${temporary}${server}}\n`);
  return await startProcess([NGINX, "-p", folder, "-e", "stderr", "-c", file], url);
}

async function startCaddy({ folder, port, upstream }: ProxySettings, url: string): Promise<RunningProcess> {
  const site = adaptRecipe(await readRecipe("caddyfile"), [
    [
      "registry.example.com {\n",
      `https://127.0.0.1:${port} {\n\tbind 127.0.0.1\n\ttls ${CERTIFICATE} ${KEY}\n`,
    ],
    ["127.0.0.1:5000", upstream],
  ]);
  const file = join(folder, "Caddyfile");
  await writeFile(file, `{\n\tadmin off\n\tauto_https disable_redirects\n}\n${site}`);
  const environment = { HOME: folder, XDG_DATA_HOME: folder, XDG_CONFIG_HOME: folder };
  const command = [CADDY, "run", "--config", file, "--adapter", "caddyfile"];
  return await startProcess(command, url, environment);
}
