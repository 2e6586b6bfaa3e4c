import { expect } from "vitest";
import type { Client, ReceivedResponse } from "../support/client.ts";
import {
  CONFIG,
  type Described,
  descriptorOf,
  digestOf,
  imageManifest,
  LAYER,
  sampleBytes,
} from "./content.ts";
import { locationOf, withQuery } from "./responses.ts";

export async function startUpload(client: Client, repository: string, query = ""): Promise<string> {
  const response = await client.post(`/v2/${repository}/blobs/uploads/${query}`);
  expect(response.status).toBe(202);
  return locationOf(response);
}

/** Pushes a blob as most clients do: POST, then PUT. @returns its digest */
export async function pushBlob(client: Client, repository: string, content: Uint8Array): Promise<string> {
  const digest = digestOf(content);
  const location = await startUpload(client, repository);
  const response = await client.put(withQuery(location, `digest=${digest}`), { body: content });
  expect(response.status).toBe(201);
  return digest;
}

export async function putManifest(
  client: Client,
  repository: string,
  reference: string,
  manifest: Uint8Array,
  headers: Readonly<Record<string, string>> = {},
): Promise<ReceivedResponse> {
  const { mediaType } = JSON.parse(Buffer.from(manifest).toString());
  return await client.put(`/v2/${repository}/manifests/${reference}`, {
    body: manifest,
    headers: { "content-type": mediaType, ...headers },
  });
}

export interface Image {
  readonly manifest: Buffer;
  readonly digest: string;
  readonly config: Described;
  readonly layer: Described;
}

/** Pushes the blobs of a small image that the seed determines, without its manifest. */
export async function pushBlobsOf(client: Client, repository: string, seed: string): Promise<Image> {
  const config = Buffer.from(JSON.stringify({ architecture: "amd64", os: "linux", seed }));
  const layer = sampleBytes(1000, seed);
  await pushBlob(client, repository, config);
  await pushBlob(client, repository, layer);
  const described = { config: descriptorOf(CONFIG, config), layer: descriptorOf(LAYER, layer) };
  const manifest = imageManifest({ config: described.config, layers: [described.layer] });
  return { manifest, digest: digestOf(manifest), ...described };
}

/** Pushes a small image that the seed determines. @param reference a tag; by default the manifest's digest */
export async function pushImage(
  client: Client,
  repository: string,
  seed: string,
  reference?: string,
): Promise<Image> {
  const image = await pushBlobsOf(client, repository, seed);
  const response = await putManifest(client, repository, reference ?? image.digest, image.manifest);
  expect(response.status).toBe(201);
  return image;
}
