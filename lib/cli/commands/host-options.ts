import { isIP } from "node:net";
import { type Command, InvalidArgumentError, Option } from "commander";
import { isWebOrigin } from "../../auth/web-origin.ts";
import { hostNameOf, normalizeHost } from "../../http/host-name.ts";
import { VARIABLES } from "../../ports/environment.ts";
import { isPeer } from "../serve/trusted-peers.ts";

/** Adds the options of `serve` for public names, trusted proxies and allowed web origins. */
export function addHostOptions(command: Command): Command {
  return command
    .addOption(
      new Option("--public-url <url>", "public URL of the registry, if it is behind a proxy")
        .env(VARIABLES.publicUrl)
        .argParser(parsePublicUrl),
    )
    .addOption(
      new Option(
        "--trust-proxy <peers>",
        "proxies whose X-Forwarded-Proto and X-Forwarded-Host are used: loopback, none, addresses or ranges, separated by commas",
      )
        .env(VARIABLES.trustProxy)
        .default(["loopback"], "loopback")
        .argParser(parsePeers),
    )
    .addOption(
      new Option(
        "--allow-host <name>",
        "hostname that clients may use in addition to localhost while there are no accounts; may be repeated",
      )
        .env(VARIABLES.allowHost)
        .argParser(parseHostNames),
    )
    .addOption(
      new Option(
        "--cors-origin <origin>",
        "origin whose web pages may call the registry, or * for all; may be repeated",
      )
        .env(VARIABLES.corsOrigin)
        .argParser(parseOrigins),
    );
}

function parsePublicUrl(text: string): URL {
  const url = URL.parse(text);
  const isPlain = url !== null && /^https?:$/.test(url.protocol) && url.href === `${url.origin}/`;
  if (isPlain) return url;
  throw new InvalidArgumentError("Use a URL such as https://registry.example.com, without a path.");
}

function parsePeers(text: string): readonly string[] {
  const peers = itemsOf(text.toLowerCase());
  if (peers.every(isPeer)) return peers;
  throw new InvalidArgumentError("Use loopback, none, or addresses such as 10.0.0.7,172.16.0.0/12.");
}

function parseHostNames(text: string, previous: readonly string[] = []): readonly string[] {
  const names = itemsOf(text.toLowerCase());
  if (names.every(isHostName)) return [...previous, ...names];
  throw new InvalidArgumentError("Use a hostname such as host.docker.internal, without a port.");
}

function isHostName(text: string): boolean {
  return (isIP(text) !== 0 || normalizeHost(text) !== undefined) && hostNameOf(text) === text;
}

function parseOrigins(text: string, previous: readonly string[] = []): readonly string[] {
  const origins = itemsOf(text);
  if (origins.every(isWebOrigin)) return [...previous, ...origins];
  throw new InvalidArgumentError("Use an origin such as https://ui.example.com, without a path, or *.");
}

function itemsOf(text: string): readonly string[] {
  return text.split(",").map((item) => item.trim());
}
