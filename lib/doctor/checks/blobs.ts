import { type Blob, bytesOf } from "../../client/content.ts";
import type { Answer } from "../../client/message.ts";
import { hostOf } from "../address.ts";
import type { Check } from "../check.ts";
import { describe, expectHeader, expectStatus } from "../findings/answer.ts";
import { type Finding, ok, Problem, warning } from "../findings/finding.ts";
import { expectBytes, type Followed, follow, hashingSink } from "../visit/follow.ts";
import { escaped } from "./escaped.ts";

const HEAD_LENGTH = {
  cause: "a front counts the body of the answer, of which a HEAD has none",
  advice:
    "let HEAD be answered by the stream function: see that the CloudFront Function is attached to every behaviour, and use the RegistryUrl of the stack",
};

export const headBlob: Check = {
  name: "head-blob",
  asks: "does HEAD tell a blob's size?",
  settles: "whether the Content-Length of a HEAD passes the Web Function (or API Gateway)",
  run: async (visit) => {
    const blob = await visit.blob();
    const answer = await visit.client.send("HEAD", `${visit.root}/blobs/${blob.digest}`);
    lengthTold(answer, blob.size);
    expectHeader(answer, "Docker-Content-Digest", blob.digest, {
      what: "HEAD of a blob",
      cause: "a front drops the header",
      advice: "let Docker-* headers pass",
    });
    return ok(`Content-Length: ${blob.size}`);
  },
};

export function lengthTold(answer: Answer, size: number): void {
  expectStatus(answer, [200], { what: `HEAD (of ${size} bytes)` });
  expectHeader(answer, "Content-Length", String(size), { what: "the answer to HEAD", ...HEAD_LENGTH });
}

export const pull: Check = {
  name: "pull",
  asks: "do the bytes come back, by redirect and without Authorization?",
  settles: "whether API Gateway and CloudFront leave the signed URL in Location alone",
  run: async (visit) => {
    const blob = await visit.blob();
    const { sink, result } = hashingSink();
    const followed = await follow(visit.client, `${visit.root}/blobs/${blob.digest}`, { sink });
    expectBytes(followed, 200, "GET of a blob");
    sameBytes(result(), blob, followed);
    return judgePlace(followed, visit.client.base);
  },
};

export function sameBytes(
  { digest, size }: { readonly digest: string; readonly size: number },
  blob: Blob,
  { last }: Pick<Followed, "last">,
): void {
  if (digest === blob.digest) return;
  const encoding = last.headers["content-encoding"];
  throw new Problem("other bytes come back than were pushed", {
    expected: `${blob.size} bytes, ${blob.digest}`,
    came: `${size} bytes, ${digest}${encoding === undefined ? "" : `, Content-Encoding: ${encoding}`}`,
    cause:
      encoding === undefined
        ? "something between the storage and here changes bodies, or an old answer is cached"
        : "a front compresses answers",
    advice:
      "switch compression, caching and rewriting off, for the registry and for the place that it redirects to",
  });
}

const SHORT_SECONDS = 60;

function judgePlace({ first, last, url }: Followed, base: URL): Finding {
  const type = last.headers["content-type"];
  const came = `Content-Type: ${type ?? "none"}`;
  if (type !== "application/octet-stream") return oddType(came);
  if (first === last) return ok("served by the registry itself, without a redirect");
  // Go's client sends Authorization to subdomains too, and S3 refuses requests that are signed in two ways.
  if (hostOf(url).endsWith(`.${hostOf(base)}`)) return subdomain(url, base);
  const lifetime = url.searchParams.get("X-Amz-Expires");
  const summary = `${first.status} to ${url.host}${lifetime === null ? "" : `, whose URL is good for ${lifetime} s`}`;
  return lifetime !== null && Number(lifetime) < SHORT_SECONDS ? shortLived(summary, lifetime) : ok(summary);
}

function oddType(came: string): Finding {
  return warning("blobs come with an odd type", {
    expected: "Content-Type: application/octet-stream",
    came,
    cause: "the redirect does not say how the storage is to label the bytes",
    advice: "nothing breaks; but proxies may take such bodies for text, and change them",
  });
}

function subdomain(url: URL, base: URL): Finding {
  return warning("the redirect leads to a subdomain", {
    expected: `a host that does not end in .${hostOf(base)}`,
    came: url.host,
    cause: "the place of the blobs has a name below the registry's",
    advice:
      "choose another name: clients in Go send Authorization on to subdomains, and S3 answers that with 400",
  });
}

function shortLived(summary: string, lifetime: string): Finding {
  return warning(summary, {
    expected: `a URL that is good for ${SHORT_SECONDS} s or more`,
    came: `X-Amz-Expires=${lifetime}`,
    cause: "DOCKLESS_URL_LIFETIME is short, or the credentials of the function are about to end",
    advice: "set a lifetime of 300 to 1200 s: clients may queue downloads for minutes",
  });
}

export const range: Check = {
  name: "range",
  asks: "can a broken download go on?",
  run: async (visit) => {
    const blob = await visit.blob();
    const bytes = bytesOf(blob);
    const cases = [
      { header: "bytes=1000-1999", first: 1000, end: 2000 },
      { header: `bytes=${blob.size - 5000}-`, first: blob.size - 5000, end: blob.size },
    ];
    for (const { header, first, end } of cases) {
      const path = `${visit.root}/blobs/${blob.digest}`;
      const followed = await follow(visit.client, path, { headers: { range: header } });
      if (followed.last.status === 200) throw ignored(header, followed.last);
      expectBytes(followed, 206, `GET with Range: ${header}`);
      exactPart(followed.last, bytes.subarray(first, end), `bytes ${first}-${end - 1}/${blob.size}`);
    }
    return ok("206, with exactly these bytes");
  },
};

function ignored(header: string, last: Answer): Problem {
  return new Problem("Range is ignored", {
    expected: `206 for Range: ${header}`,
    came: `${last.status}, ${last.body.length} bytes`,
    cause: "a front drops the header from requests",
    advice:
      "pass Range on to the origin (CloudFront: AllViewerExceptHostHeader): resumed and parallel downloads need it",
  });
}

function exactPart(last: Answer, part: Buffer, contentRange: string): void {
  expectHeader(last, "Content-Range", contentRange, {
    what: "the answer to a Range",
    cause: "a front rewrites or drops the header",
    advice: "let Content-Range pass unchanged",
  });
  if (last.body.equals(part)) return;
  throw new Problem("a Range brings other bytes than were pushed", {
    expected: `${part.length} bytes (${contentRange})`,
    came: `${last.body.length} bytes, ${describe(last).split(":")[0]}`,
    cause: "something between the storage and here changes bodies",
    advice: "switch compression and caching off in front of the registry",
  });
}

export const escapedDigest: Check = {
  name: "escaped-digest",
  asks: "may a digest's colon be written as %3A?",
  settles:
    "whether API Gateway, CloudFront and the Web Function decode %3A in a path, and whether both forms work",
  run: async (visit) => {
    const { digest } = await visit.blob();
    for (const form of [digest, digest.replace(":", "%3A"), digest.replace(":", "%3a")]) {
      for (const method of ["GET", "HEAD"]) await escaped(visit, method, form);
    }
    return ok("both forms work, for GET and HEAD");
  },
};
