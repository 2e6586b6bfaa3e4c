import { join } from "node:path";
import { type ImageName, imageName } from "../clients/client.ts";
import type { ClientName } from "../clients/clients.ts";
import { type Credentials, connectRegistry, type RegistryClient } from "../clients/registry.ts";
import { readServedImage, type ServedImage } from "../clients/served.ts";
import { expectAll } from "../clients/support/expect.ts";
import { withImageClient } from "../clients/with-image-client.ts";
import { writeImageLayout } from "../support/images.ts";
import { PUBLIC } from "./test-identities.ts";
import { requestAuthorization } from "./token-requests.ts";

const PLATFORM = { os: "linux", architecture: "amd64" };

/** An image that can be pulled without credentials. */
export interface PublicImage {
  readonly name: ImageName;
  readonly served: ServedImage;
}

/** Pushes an image to a public repository. */
export async function pushPublicImage(url: string, owner: Credentials): Promise<PublicImage> {
  return await withImageClient("crane", async (crane, { directory }) => {
    const registry = connectRegistry(url, owner);
    const image = { platforms: [PLATFORM], layerSizes: [1024], seed: "public" };
    const layout = await writeImageLayout(join(directory, "image"), image);
    const name = imageName(registry.host, `${PUBLIC}/app`);
    await crane.login(registry.host, owner);
    await crane.push(layout, name);
    return { name, served: await readServedImage(registry, name.repository, name.tag) };
  });
}

/** Verifies that plain HTTP requests can pull an image with an anonymous token, and without a token. @returns figures */
export async function pullByHttp(url: string, { name, served }: PublicImage): Promise<string> {
  const authorization = await requestAuthorization(url, `repository:${name.repository}:pull`);
  for (const authorizationHeaders of [{ authorization }, {}]) {
    const registry: RegistryClient = {
      ...connectRegistry(url),
      request: (method, path, headers = {}) =>
        fetch(new URL(path, url), { method, headers: { ...headers, ...authorizationHeaders } }),
    };
    const { blobs } = await readServedImage(registry, name.repository, name.tag);
    expectAll("digests pulled without credentials", blobs, served.blobs);
  }
  return `${served.blobs.size} digests, with a token and without`;
}

/** Verifies that a client that has not signed in can pull an image. @returns figures */
export async function pullByClient(client: ClientName, { name, served }: PublicImage): Promise<string> {
  return await withImageClient(client, async ({ pull, keeps }) => {
    const pulled = await pull(name, [PLATFORM]);
    expectAll(`digests pulled as ${name.text}`, pulled, served[keeps]);
    return `${pulled.size} digests`;
  });
}
