import { rm } from "node:fs/promises";
import { join } from "node:path";
import { type ImageClient, imageName } from "../../../clients/client.ts";
import { CLIENT_NAMES, type ClientName } from "../../../clients/clients.ts";
import { connectRegistry } from "../../../clients/registry.ts";
import { readServedImage } from "../../../clients/served.ts";
import { withImageClient } from "../../../clients/with-image-client.ts";
import { MIB } from "../../../soak/figures.ts";
import { requireNone } from "../../../soak/report.ts";
import { type ImageLayout, writeImageLayout } from "../../../support/images.ts";
import type { RunningCloud } from "../cloud-process.ts";
import type { Stage } from "../stage.ts";

/** Clients, and whether their push sends a layer again after its upload was cut. Compared with the table in docs/limits.md. */
export const UPLOAD_RETRIES: Readonly<Partial<Record<ClientName, boolean>>> = {
  docker: true,
  containerd: false,
  podman: false,
  buildah: false,
  skopeo: false,
  crane: true,
  oras: false,
  regctl: true,
};

/** Number of pushes for the figures in docs/limits.md. */
const ROUNDS = 5;

const PLATFORMS = [{ os: "linux", architecture: "amd64" }];
const LAYER_BYTES = 4 * MIB;

/** Guarantee: after an environment was shut down during an upload, the client's retry or a second push succeeds. */
export async function runCutUploads({ report, cloud, mode, options }: Stage): Promise<void> {
  const rounds = options.quick ? 1 : ROUNDS;
  for (const name of CLIENT_NAMES) {
    const retries = UPLOAD_RETRIES[name];
    if (retries === undefined) continue;
    await report.case(`${mode}: ${name} pushes while an upload is interrupted`, async () => {
      const seed = `${options.seed}/${mode}/${name}`;
      const succeeded = await pushInRounds(cloud, name, { rounds, seed });
      const figures = `${succeeded} of ${rounds} pushes succeeded, all when repeated`;
      const isDocumented = succeeded === (retries ? rounds : 0);
      const problem = `${name} behaves differently: correct UPLOAD_RETRIES and docs/limits.md`;
      return requireNone(isDocumented ? [] : [problem], figures);
    });
  }
}

/** Pushes a new image in each round. @returns the number of pushes that succeeded although an upload was cut */
async function pushInRounds(
  cloud: RunningCloud,
  name: ClientName,
  { rounds, seed }: { readonly rounds: number; readonly seed: string },
): Promise<number> {
  return await withImageClient(name, async (client, { directory }) => {
    await client.login(new URL(cloud.url).host, cloud.account);
    const folder = join(directory, "image");
    let succeeded = 0;
    for (let round = 0; round < rounds; round++) {
      const image = { platforms: PLATFORMS, layerSizes: [LAYER_BYTES], seed: `${seed}/${round}` };
      const layout = await writeImageLayout(folder, image);
      if (await pushCut(cloud, client, { layout, tag: `round-${round}` })) succeeded++;
      for (const path of [folder, `${folder}.tar`]) await rm(path, { recursive: true, force: true });
    }
    return succeeded;
  });
}

/** Pushes an image while an upload is cut, and again if that fails. @returns whether the first push succeeded */
async function pushCut(
  cloud: RunningCloud,
  client: ImageClient,
  { layout, tag }: { layout: ImageLayout; tag: string },
): Promise<boolean> {
  const registry = connectRegistry(cloud.url, cloud.account);
  const name = imageName(registry.host, `cut/${client.name}`, tag);
  const before = await shutDownIn(cloud);
  await cloud.cutUploads(1);
  const first = await client.push(layout, name).catch(() => undefined);
  if ((await shutDownIn(cloud)) === before) throw new Error("no upload was cut");
  const pushed = first ?? (await client.push(layout, name));
  const served = await readServedImage(registry, name.repository, name.tag);
  if (served.digest !== pushed) throw new Error(`${name.text} is ${served.digest} instead of ${pushed}`);
  return first !== undefined;
}

async function shutDownIn(cloud: RunningCloud): Promise<number> {
  return Object.values(await cloud.stats()).reduce((sum, { shutDown }) => sum + shutDown, 0);
}
