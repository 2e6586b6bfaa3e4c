import type { Case, CaseContext, CaseName, ImageClient, SpecialClient } from "./client.ts";
import { createContainerd } from "./containerd.ts";
import { createStorageClient } from "./containers-storage.ts";
import { createCosign } from "./cosign.ts";
import { createCrane } from "./crane.ts";
import { createDocker } from "./docker.ts";
import { createHelm } from "./helm.ts";
import { imageCases } from "./image-cases.ts";
import { createOras } from "./oras.ts";
import { createRegctl } from "./regctl.ts";
import { createSkopeo } from "./skopeo.ts";
import type { Sandbox } from "./support/sandbox.ts";

/** Names of the clients. */
export const CLIENT_NAMES = [
  "docker",
  "containerd",
  "podman",
  "buildah",
  "skopeo",
  "crane",
  "oras",
  "regctl",
  "helm",
  "cosign",
] as const;
/** Name of a client. */
export type ClientName = (typeof CLIENT_NAMES)[number];

const FACTORIES: Readonly<Record<ClientName, (sandbox: Sandbox) => ImageClient | SpecialClient>> = {
  docker: createDocker,
  containerd: createContainerd,
  podman: (sandbox) => createStorageClient(sandbox, "podman"),
  buildah: (sandbox) => createStorageClient(sandbox, "buildah"),
  skopeo: createSkopeo,
  crane: createCrane,
  oras: createOras,
  regctl: createRegctl,
  helm: createHelm,
  cosign: createCosign,
};

/** Creates a client in a sandbox. */
export function createClient(name: ClientName, sandbox: Sandbox): ImageClient | SpecialClient {
  return FACTORIES[name](sandbox);
}

/** Returns the cases of a client, except those that it does not support. */
export function casesOf(
  client: ImageClient | SpecialClient,
  names: readonly CaseName[],
  place: CaseContext,
): Case[] {
  return "cases" in client ? client.cases(names, place) : imageCases(client, names, place);
}
