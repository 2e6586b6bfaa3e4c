import { rm } from "node:fs/promises";
import { join } from "node:path";
import { type ImageOptions, writeImageLayout } from "../support/images.ts";
import {
  type Case,
  type CaseContext,
  type CaseName,
  type ImageClient,
  type ImageName,
  imageName,
} from "./client.ts";
import type { RegistryClient } from "./registry.ts";
import { readServedImage } from "./served.ts";
import { expectAll, expectEqual } from "./support/expect.ts";

const KIB = 1024;
const MIB = 1024 * KIB;
const AMD64 = { os: "linux", architecture: "amd64" };
const ARM64 = { os: "linux", architecture: "arm64" };

/** Messages of the clients about a tag that does not exist. */
const NOT_FOUND = /not found|manifest unknown|MANIFEST_UNKNOWN|NAME_UNKNOWN|repository name not known/i;

const IMAGE_OPTIONS: Readonly<Record<CaseName, Pick<ImageOptions, "platforms" | "layerSizes">>> = {
  "1k": { platforms: [AMD64], layerSizes: [KIB] },
  "12m": { platforms: [AMD64], layerSizes: [12 * MIB] },
  "300m": { platforms: [AMD64], layerSizes: [300 * MIB] },
  multi: { platforms: [AMD64, ARM64], layerSizes: [KIB, 12 * MIB] },
  copy: { platforms: [AMD64], layerSizes: [KIB, 12 * MIB] },
  absent: { platforms: [AMD64], layerSizes: [KIB] },
};

/** Returns the cases of an image client. */
export function imageCases(client: ImageClient, names: readonly CaseName[], place: CaseContext): Case[] {
  return names.map((name) => ({
    name: `${client.name} ${name}`,
    run: () => roundTrip(client, name, place),
  }));
}

async function roundTrip(client: ImageClient, name: CaseName, place: CaseContext): Promise<void> {
  const directory = join(place.directory, `image-${name}`);
  try {
    // A seed for each client, so that its blobs are not stored yet.
    const seed = `${client.name}/${name}`;
    const layout = await writeImageLayout(directory, { ...IMAGE_OPTIONS[name], seed });
    const target = imageName(place.registry.host, `${place.prefix}/${client.name}/${name}`);
    const { platforms } = IMAGE_OPTIONS[name];
    if (name === "absent") await expectAbsent(client, target);
    const pushed = await client.push(layout, target);
    if (name === "absent") await expectResolved(client, target, pushed);
    await expectPulled(client, target, { platforms, pushed }, place.registry);
    if (name !== "copy") return;
    const second = imageName(target.registry, `${target.repository}-again`);
    await (client.copy?.(target, second) ?? client.push(layout, second));
    await expectPulled(client, second, { platforms, pushed }, place.registry);
  } finally {
    for (const path of [directory, `${directory}.tar`]) await rm(path, { recursive: true, force: true });
  }
}

/** Requires that the client reports the tag as unknown. A cache in front of the registry may now hold that response. */
async function expectAbsent(client: ImageClient, name: ImageName): Promise<void> {
  const read = client.resolve?.(name) ?? client.pull(name, [AMD64]);
  const message = await read.then(String, (error: unknown) => String(error));
  expectEqual(`absence of ${name.text} in: ${message}`, NOT_FOUND.test(message), true);
}

/** Requires that the client's first request after its push reads the pushed tag. */
async function expectResolved(client: ImageClient, name: ImageName, pushed: string): Promise<void> {
  if (client.resolve === undefined) await client.pull(name, [AMD64]);
  else expectEqual(`digest of ${name.text} after the push`, await client.resolve(name), pushed);
}

async function expectPulled(
  client: ImageClient,
  name: ImageName,
  { platforms, pushed }: { platforms: ImageOptions["platforms"]; pushed: string },
  registry: RegistryClient,
): Promise<void> {
  const served = await readServedImage(registry, name.repository, name.tag);
  expectEqual(`served digest of ${name.text}`, served.digest, pushed);
  const pulled = await client.pull(name, platforms);
  expectAll(`pulled digests of ${name.text}`, pulled, served[client.keeps]);
}
