import type { RegistryResponse } from "../../client/message.ts";
import type { Check } from "../check.ts";
import { createPaddedImage, MANIFEST_MEDIA_TYPE, type Manifest, pushManifest } from "../context/manifest.ts";
import { CheckFailure, ok } from "../findings/finding.ts";
import { describeResponse, expectHeader, expectStatus } from "../findings/response.ts";
import { expectContentLength } from "./blobs.ts";

const HEADER_DROPPED = {
  cause: "a proxy drops the header",
  advice:
    "configure the proxy to pass Docker-* headers and Content-Type through: crane, oras and Apple's container require them",
};

/** Pushes an image by tag. */
export const pushManifestCheck: Check = {
  name: "push-manifest",
  question: "can an image be pushed by tag?",
  run: async (context) => {
    const { response, digest, bytes } = await context.pushSharedImage();
    expectHeader(response, "Docker-Content-Digest", digest, { what: "PUT of a manifest", ...HEADER_DROPPED });
    return ok(`${bytes.length} bytes`);
  },
};

/** Requests a manifest with HEAD. */
export const headManifest: Check = {
  name: "head-manifest",
  question: "does HEAD return the size, media type and digest of a manifest?",
  settles: "whether the Content-Length of a HEAD response passes through the Web Function (or API Gateway)",
  run: async (context) => {
    const { digest, bytes } = await context.getImage();
    const response = await context.client.send("HEAD", `${context.root}/manifests/doctor`, ACCEPT_MANIFEST);
    expectContentLength(response, bytes.length, "manifest");
    expectManifestHeaders(response, digest);
    return ok(`Content-Length: ${bytes.length}`);
  },
};

const ACCEPT_MANIFEST = { headers: { accept: MANIFEST_MEDIA_TYPE } };

/** Pulls a manifest by tag and by digest. */
export const pullManifest: Check = {
  name: "pull-manifest",
  question: "is a manifest returned byte for byte, by tag and by digest?",
  run: async (context) => {
    const image = await context.getImage();
    for (const reference of ["doctor", image.digest]) {
      const response = await context.client.send(
        "GET",
        `${context.root}/manifests/${reference}`,
        ACCEPT_MANIFEST,
      );
      expectStatus(response, [200], { what: `GET of the manifest ${reference.slice(0, 12)}` });
      expectSameManifest(response, image);
      expectManifestHeaders(response, image.digest);
    }
    return ok("identical bytes");
  },
};

/** Pulls a manifest with Accept-Encoding. */
export const compression: Check = {
  name: "compression",
  question: "is a manifest returned uncompressed, regardless of Accept-Encoding?",
  settles: "whether CloudFront and the functions leave responses uncompressed",
  run: async (context) => {
    const image = await context.getImage();
    const headers = { ...ACCEPT_MANIFEST.headers, "accept-encoding": "gzip, br, zstd, deflate" };
    const response = await context.client.send("GET", `${context.root}/manifests/${image.digest}`, {
      headers,
    });
    expectStatus(response, [200], { what: "GET with Accept-Encoding" });
    const encoding = response.headers["content-encoding"];
    if (encoding !== undefined) throw createCompressionError(encoding);
    expectSameManifest(response, image);
    return ok("no Content-Encoding");
  },
};

function createCompressionError(encoding: string): CheckFailure {
  return new CheckFailure("a proxy compresses manifests", {
    expected: "no Content-Encoding, although the client accepts gzip",
    actual: `Content-Encoding: ${encoding}`,
    cause: "compression is enabled in a behaviour of the CloudFront distribution, or in another proxy",
    advice:
      "disable compression (compress: false): it changes the bytes that the digest and Content-Length describe",
  });
}

/** Lists tags, with pagination. */
export const tags: Check = {
  name: "tags",
  question: "are tags listed, with pagination?",
  run: async (context) => {
    const image = await context.getImage();
    await pushManifest(context, "doctor-2", image);
    const all = await context.client.send("GET", `${context.root}/tags/list`);
    expectTags(all, ["doctor", "doctor-2"]);
    const page = await context.client.send("GET", `${context.root}/tags/list?n=1`);
    expectTags(page, ["doctor"]);
    if (!page.headers["link"]?.includes('rel="next"')) throw createMissingLinkError(page);
    return ok("doctor, doctor-2");
  },
};

function expectTags(response: RegistryResponse, names: readonly string[]): void {
  expectStatus(response, [200], { what: "the tag list" });
  const missing = names.filter((name) => !response.body.toString("utf8").includes(`"${name}"`));
  if (missing.length === 0) return;
  throw new CheckFailure("a pushed tag is not listed", {
    expected: names.join(", "),
    actual: describeResponse(response),
    cause: "a proxy serves a stale cached response",
    advice: "disable caching for the registry (CachingDisabled)",
  });
}

function createMissingLinkError(page: RegistryResponse): CheckFailure {
  return new CheckFailure("a page of tags has no link to the next page", {
    expected: 'Link: <…>; rel="next"',
    actual: `Link: ${page.headers["link"] ?? "none"}`,
    cause: "a proxy drops the Link header from the response, or the query parameter n=1 from the request",
    advice:
      "configure the proxy to forward query strings to the origin (CloudFront: AllViewerExceptHostHeader) and to pass Link through",
  });
}

/** 5.2 MB in base64; Lambda's limit for requests and responses is 6 MB. */
const LARGE_MANIFEST_BYTES = 3_900_000;

/** Pushes and pulls a large manifest. */
export const largeManifest: Check = {
  name: "large-manifest",
  question: "can a 3.9 MB manifest be pushed and pulled?",
  settles: "whether API Gateway and Lambda accept and return a base64-encoded manifest of this size",
  run: async (context) => {
    const manifest = createPaddedImage(await context.getBlob(), LARGE_MANIFEST_BYTES);
    await pushManifest(context, manifest.digest, manifest);
    const response = await context.client.send(
      "GET",
      `${context.root}/manifests/${manifest.digest}`,
      ACCEPT_MANIFEST,
    );
    expectStatus(response, [200], { what: "GET of a large manifest" });
    expectSameManifest(response, manifest);
    return ok("identical bytes");
  },
};

function expectSameManifest({ body, headers }: RegistryResponse, { bytes }: Manifest): void {
  if (body.equals(bytes)) return;
  const isBase64 = Buffer.from(body.toString("latin1"), "base64").equals(bytes);
  throw new CheckFailure("the returned manifest differs from the pushed manifest", {
    expected: `the ${bytes.length} pushed bytes`,
    actual: `${body.length} bytes${isBase64 ? ", the pushed bytes base64-encoded" : ""}, Content-Type: ${headers["content-type"]}`,
    cause: isBase64
      ? "the function's response is not marked as base64-encoded for API Gateway"
      : "a proxy modifies bodies, or serves a stale cached response",
    advice: "disable compression, caching and rewriting in all proxies, and redeploy the functions",
  });
}

function expectManifestHeaders(response: RegistryResponse, digest: string): void {
  const what = `${response.method} of a manifest`;
  expectHeader(response, "Content-Type", MANIFEST_MEDIA_TYPE, { what, ...HEADER_DROPPED });
  expectHeader(response, "Docker-Content-Digest", digest, { what, ...HEADER_DROPPED });
}
