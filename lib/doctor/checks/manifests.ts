import type { Answer } from "../../client/message.ts";
import type { Check } from "../check.ts";
import { describe, expectHeader, expectStatus } from "../findings/answer.ts";
import { ok, Problem } from "../findings/finding.ts";
import { MANIFEST_TYPE, type Manifest, paddedImage, pushManifest } from "../visit/manifest.ts";
import { lengthTold } from "./blobs.ts";

const DROPPED = {
  cause: "a front drops the header",
  advice: "let Docker-* headers and Content-Type pass: crane, oras and Apple's container need them",
};

export const pushManifestCheck: Check = {
  name: "push-manifest",
  asks: "can an image be pushed by tag?",
  run: async (visit) => {
    const { answer, digest, bytes } = await visit.firstManifest();
    expectHeader(answer, "Docker-Content-Digest", digest, { what: "the PUT of a manifest", ...DROPPED });
    return ok(`${bytes.length} bytes`);
  },
};

export const headManifest: Check = {
  name: "head-manifest",
  asks: "does HEAD tell a manifest's size, type and digest?",
  settles: "whether the Content-Length of a HEAD passes the Web Function (or API Gateway)",
  run: async (visit) => {
    const { digest, bytes } = await visit.image();
    const answer = await visit.client.send("HEAD", `${visit.root}/manifests/doctor`, ACCEPT);
    lengthTold(answer, bytes.length);
    labelled(answer, digest);
    return ok(`Content-Length: ${bytes.length}`);
  },
};

const ACCEPT = { headers: { accept: MANIFEST_TYPE } };

export const pullManifest: Check = {
  name: "pull-manifest",
  asks: "does a manifest come back byte for byte, by tag and by digest?",
  run: async (visit) => {
    const image = await visit.image();
    for (const reference of ["doctor", image.digest]) {
      const answer = await visit.client.send("GET", `${visit.root}/manifests/${reference}`, ACCEPT);
      expectStatus(answer, [200], { what: `GET of the manifest ${reference.slice(0, 12)}` });
      sameManifest(answer, image);
      labelled(answer, image.digest);
    }
    return ok("the same bytes");
  },
};

export const compression: Check = {
  name: "compression",
  asks: "does a manifest come uncompressed, whatever the client accepts?",
  settles: "whether CloudFront and the functions leave answers uncompressed",
  run: async (visit) => {
    const image = await visit.image();
    const headers = { ...ACCEPT.headers, "accept-encoding": "gzip, br, zstd, deflate" };
    const answer = await visit.client.send("GET", `${visit.root}/manifests/${image.digest}`, { headers });
    expectStatus(answer, [200], { what: "GET with Accept-Encoding" });
    const encoding = answer.headers["content-encoding"];
    if (encoding !== undefined) throw compressed(encoding);
    sameManifest(answer, image);
    return ok("no Content-Encoding");
  },
};

function compressed(encoding: string): Problem {
  return new Problem("a front compresses manifests", {
    expected: "no Content-Encoding, although the client accepts gzip",
    came: `Content-Encoding: ${encoding}`,
    cause: "compression is on in the distribution's behaviour, or in another proxy",
    advice: "switch it off (compress: false): digests are over the exact bytes, and lengths would be wrong",
  });
}

export const tags: Check = {
  name: "tags",
  asks: "are tags listed, in pages?",
  run: async (visit) => {
    const image = await visit.image();
    await pushManifest(visit, "doctor-2", image);
    const all = await visit.client.send("GET", `${visit.root}/tags/list`);
    listed(all, ["doctor", "doctor-2"]);
    const page = await visit.client.send("GET", `${visit.root}/tags/list?n=1`);
    listed(page, ["doctor"]);
    if (!page.headers["link"]?.includes('rel="next"')) throw withoutNext(page);
    return ok("doctor, doctor-2");
  },
};

function listed(answer: Answer, names: readonly string[]): void {
  expectStatus(answer, [200], { what: "the list of tags" });
  const missing = names.filter((name) => !answer.body.toString("utf8").includes(`"${name}"`));
  if (missing.length === 0) return;
  throw new Problem("a tag that was pushed is not listed", {
    expected: names.join(", "),
    came: describe(answer),
    cause: "an old answer is cached in front of the registry",
    advice: "switch caching off for the registry (CachingDisabled)",
  });
}

function withoutNext(page: Answer): Problem {
  return new Problem("a page of tags does not lead to the next", {
    expected: 'Link: <…>; rel="next"',
    came: `Link: ${page.headers["link"] ?? "none"}`,
    cause: "a front drops the header, or the query n=1 from the request",
    advice: "pass queries on to the origin, and Link back (CloudFront: AllViewerExceptHostHeader)",
  });
}

/** 3.9 MB are 5.2 MB in base64, of the 6 MB that Lambda takes and gives. */
const LARGE_MANIFEST = 3_900_000;

export const largeManifest: Check = {
  name: "large-manifest",
  asks: "does a manifest of 3.9 MB get in and out?",
  settles: "whether such a manifest in base64 fits through API Gateway and Lambda, in both directions",
  run: async (visit) => {
    const manifest = paddedImage(await visit.blob(), LARGE_MANIFEST);
    await pushManifest(visit, manifest.digest, manifest);
    const answer = await visit.client.send("GET", `${visit.root}/manifests/${manifest.digest}`, ACCEPT);
    expectStatus(answer, [200], { what: "GET of a large manifest" });
    sameManifest(answer, manifest);
    return ok("the same bytes");
  },
};

function sameManifest({ body, headers }: Answer, { bytes }: Manifest): void {
  if (body.equals(bytes)) return;
  const isBase64 = Buffer.from(body.toString("latin1"), "base64").equals(bytes);
  throw new Problem("another manifest comes back than was pushed", {
    expected: `the ${bytes.length} bytes that were pushed`,
    came: `${body.length} bytes${isBase64 ? ", which are theirs in base64" : ""}, Content-Type: ${headers["content-type"]}`,
    cause: isBase64
      ? "the function's answer is not marked as base64 for API Gateway"
      : "something between the registry and here changes bodies, or an old answer is cached",
    advice:
      "switch compression, caching and rewriting off in front of the registry, and deploy the functions again",
  });
}

function labelled(answer: Answer, digest: string): void {
  const what = `${answer.method} of a manifest`;
  expectHeader(answer, "Content-Type", MANIFEST_TYPE, { what, ...DROPPED });
  expectHeader(answer, "Docker-Content-Digest", digest, { what, ...DROPPED });
}
