import { createHash, randomBytes } from "node:crypto";
import { MANIFEST_TYPE } from "../images.ts";
import { push } from "../load.ts";
import type { PushForm } from "../measure.ts";

const CONFIG_BYTES = 5000;

export interface Layers {
  readonly count: number;
  /** Size of each in bytes. */
  readonly size: number;
}

export interface Account {
  readonly username: string;
  readonly password: string;
}

/** Repository, and the header that authorizes access. */
export interface Target {
  /** URL in the form `http://host:port/v2/name`. */
  readonly repository: string;
  readonly authorization: string;
}

export interface Pushed {
  /** URL in the form `http://host:port/v2/name`. */
  readonly repository: string;
  readonly tag: string;
  readonly manifest: string;
  readonly blobs: readonly string[];
  /** Bytes of the request bodies of its push. */
  readonly bytes: number;
}

/** Signs in like clients: an unauthenticated request returns a challenge, whose realm issues a token. */
export async function signIn(repository: string, { username, password }: Account): Promise<Target> {
  const { origin, pathname } = new URL(repository);
  const knocked = await expectStatus(401, `${origin}/v2/`, {});
  const [, realm = ""] = /realm="([^"]+)"/.exec(knocked.headers.get("www-authenticate") ?? "") ?? [];
  const scope = `repository:${pathname.slice("/v2/".length)}:pull,push`;
  const basic = `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}`;
  const query = new URLSearchParams({ service: new URL(origin).host, scope });
  const response = await expectStatus(200, `${realm}?${query}`, { headers: { authorization: basic } });
  const { token } = (await response.json()) as { readonly token: string };
  return { repository, authorization: `Bearer ${token}` };
}

/** Pushes an image of new layers like clients: each blob is first checked for existence. */
export async function pushImage(
  url: string,
  account: Account,
  form: PushForm,
  { count, size }: Layers,
): Promise<Pushed> {
  const repository = `${url}/v2/bench/${form}-${randomBytes(4).toString("hex")}`;
  const { authorization } = await signIn(repository, account);
  const headers = { authorization };
  const sizes = [CONFIG_BYTES, ...Array.from({ length: count }, () => size)];
  const blobs: string[] = [];
  for (const bytes of sizes) {
    const unknown = `${repository}/blobs/${digestOf(randomBytes(8))}`;
    await expectStatus(404, unknown, { method: "HEAD", headers });
    blobs.push((await push(repository, form, bytes, authorization)).digest);
  }
  await expectStatus(404, `${repository}/manifests/latest`, { method: "HEAD", headers });
  const body = manifestOf(blobs, sizes);
  await expectStatus(201, `${repository}/manifests/latest`, {
    ...{ method: "PUT", body },
    headers: { ...headers, "content-type": MANIFEST_TYPE },
  });
  const bytes = sizes.reduce((total, size) => total + size, Buffer.byteLength(body));
  return { repository, tag: "latest", manifest: digestOf(body), blobs, bytes };
}

function manifestOf(blobs: readonly string[], sizes: readonly number[]): string {
  const kind = "application/vnd.oci.image";
  const [config, ...layers] = blobs.map((digest, i) => {
    const mediaType = `${kind}.${i === 0 ? "config.v1+json" : "layer.v1.tar+gzip"}`;
    return { mediaType, digest, size: sizes[i] };
  });
  return JSON.stringify({ schemaVersion: 2, mediaType: MANIFEST_TYPE, config, layers });
}

/** Pulls an image like clients, including the bytes, which S3 sends. */
export async function pullImage(
  { repository, tag, manifest, blobs }: Pushed,
  account: Account,
): Promise<void> {
  const target = await signIn(repository, account);
  const { authorization } = target;
  const headers = { authorization };
  await expectStatus(200, `${repository}/manifests/${tag}`, { method: "HEAD", headers });
  await getManifest(target, manifest);
  for (const digest of blobs) {
    const response = await fetch(await getBlob(target, digest));
    for await (const _ of response.body ?? []);
  }
}

export async function getManifest({ repository, authorization }: Target, reference: string): Promise<void> {
  const url = `${repository}/manifests/${reference}`;
  await (await expectStatus(200, url, { headers: { authorization } })).arrayBuffer();
}

/** Requests a blob. @returns the URL of its bytes */
export async function getBlob({ repository, authorization }: Target, digest: string): Promise<string> {
  const options = { redirect: "manual", headers: { authorization } } as const;
  const response = await expectStatus(307, `${repository}/blobs/${digest}`, options);
  return response.headers.get("location") ?? "";
}

function digestOf(content: string | Uint8Array): string {
  return `sha256:${createHash("sha256").update(content).digest("hex")}`;
}

/** Sends a request. @throws Error for another status */
export async function expectStatus(status: number, url: string, init: RequestInit): Promise<Response> {
  const response = await fetch(url, init);
  if (response.status === status) return response;
  throw new Error(
    `${init.method ?? "GET"} ${url}: ${response.status} instead of ${status}: ${await response.text()}`,
  );
}
