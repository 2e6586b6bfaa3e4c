import { type Blob, bytesOf } from "../../client/content.ts";
import type { RegistryResponse } from "../../client/message.ts";
import { hostOf } from "../address.ts";
import type { Check } from "../check.ts";
import {
  type BlobDownload,
  createHashingSink,
  downloadBlob,
  expectDownloadStatus,
} from "../context/download.ts";
import { CheckFailure, type Finding, ok, warning } from "../findings/finding.ts";
import { describeResponse, expectHeader, expectStatus } from "../findings/response.ts";
import { expectBlob } from "./expect-blob.ts";

const CONTENT_LENGTH_LOST = {
  cause: "a proxy computes Content-Length from the body, which a HEAD response does not have",
  advice:
    "use the RegistryUrl of the stack, and check that the CloudFront Function is attached to every behaviour and routes HEAD requests to the stream function",
};

/** Requests a blob with HEAD. */
export const headBlob: Check = {
  name: "head-blob",
  question: "does HEAD return the size of a blob?",
  settles: "whether the Content-Length of a HEAD response passes through the Web Function (or API Gateway)",
  run: async (context) => {
    const blob = await context.getBlob();
    const response = await context.client.send("HEAD", `${context.root}/blobs/${blob.digest}`);
    expectContentLength(response, blob.size, "blob");
    expectHeader(response, "Docker-Content-Digest", blob.digest, {
      what: "HEAD of a blob",
      cause: "a proxy drops the header",
      advice: "configure the proxy to pass Docker-* headers through",
    });
    return ok(`Content-Length: ${blob.size}`);
  },
};

/** @throws CheckFailure unless the response to HEAD has the status 200 and the Content-Length `size` */
export function expectContentLength(
  response: RegistryResponse,
  size: number,
  kind: "blob" | "manifest",
): void {
  expectStatus(response, [200], { what: `HEAD of a ${size}-byte ${kind}` });
  expectHeader(response, "Content-Length", String(size), {
    what: `HEAD of a ${kind}`,
    ...CONTENT_LENGTH_LOST,
  });
}

/** Pulls a blob, following a redirect. */
export const pull: Check = {
  name: "pull",
  question: "does a pull return the pushed bytes, following the redirect without Authorization?",
  settles: "whether API Gateway and CloudFront leave the signed URL in Location unchanged",
  run: async (context) => {
    const blob = await context.getBlob();
    const { sink, result } = createHashingSink();
    const download = await downloadBlob(context.client, `${context.root}/blobs/${blob.digest}`, { sink });
    expectDownloadStatus(download, 200, "GET of a blob");
    expectSameBytes(result(), blob, download);
    return assessDownload(download, context.client.base);
  },
};

/** @throws CheckFailure if the downloaded bytes do not match the blob's digest */
export function expectSameBytes(
  { digest, size }: { readonly digest: string; readonly size: number },
  blob: Blob,
  { last }: Pick<BlobDownload, "last">,
): void {
  if (digest === blob.digest) return;
  const encoding = last.headers["content-encoding"];
  throw new CheckFailure("the returned bytes differ from the pushed bytes", {
    expected: `${blob.size} bytes, ${blob.digest}`,
    actual: `${size} bytes, ${digest}${encoding === undefined ? "" : `, Content-Encoding: ${encoding}`}`,
    cause:
      encoding === undefined
        ? "a proxy modifies bodies, or serves a stale cached response"
        : "a proxy compresses responses",
    advice: "disable compression, caching and rewriting, for the registry and for the host of its redirects",
  });
}

/** Lifetime of a signed URL below which the check warns. */
const MIN_URL_LIFETIME_SECONDS = 60;

function assessDownload({ first, last, url }: BlobDownload, base: URL): Finding {
  const type = last.headers["content-type"];
  const actual = `Content-Type: ${type ?? "none"}`;
  if (type !== "application/octet-stream") return createContentTypeWarning(actual);
  if (first === last) return ok("served by the registry without a redirect");
  // Go's HTTP client also sends Authorization to subdomains, and S3 rejects requests with two kinds of authentication.
  if (hostOf(url).endsWith(`.${hostOf(base)}`)) return createSubdomainWarning(url, base);
  const lifetime = url.searchParams.get("X-Amz-Expires");
  const summary = `${first.status} to ${url.host}${lifetime === null ? "" : `, URL lifetime ${lifetime} s`}`;
  return lifetime !== null && Number(lifetime) < MIN_URL_LIFETIME_SECONDS
    ? createLifetimeWarning(summary, lifetime)
    : ok(summary);
}

function createContentTypeWarning(actual: string): Finding {
  return warning("blobs have an unexpected Content-Type", {
    expected: "Content-Type: application/octet-stream",
    actual,
    cause: "the signed URL does not set response-content-type",
    advice: "none required for clients, but proxies may treat such bodies as text and modify them",
  });
}

function createSubdomainWarning(url: URL, base: URL): Finding {
  return warning("the redirect leads to a subdomain", {
    expected: `a host that does not end in .${hostOf(base)}`,
    actual: url.host,
    cause: "the hostname of the storage is a subdomain of the registry's hostname",
    advice:
      "use another hostname: clients written in Go send Authorization to subdomains, which S3 rejects with 400",
  });
}

function createLifetimeWarning(summary: string, lifetime: string): Finding {
  return warning(summary, {
    expected: `a URL lifetime of at least ${MIN_URL_LIFETIME_SECONDS} s`,
    actual: `X-Amz-Expires=${lifetime}`,
    cause: "DOCKLESS_URL_LIFETIME is too short, or the function's credentials are about to expire",
    advice: "set DOCKLESS_URL_LIFETIME to 300 to 1200 s: clients may queue downloads for minutes",
  });
}

/** Requests parts of a blob. */
export const range: Check = {
  name: "range",
  question: "can an interrupted download be resumed?",
  run: async (context) => {
    const blob = await context.getBlob();
    const bytes = bytesOf(blob);
    const cases = [
      { header: "bytes=1000-1999", first: 1000, end: 2000 },
      { header: `bytes=${blob.size - 5000}-`, first: blob.size - 5000, end: blob.size },
    ];
    for (const { header, first, end } of cases) {
      const path = `${context.root}/blobs/${blob.digest}`;
      const download = await downloadBlob(context.client, path, { headers: { range: header } });
      if (download.last.status === 200) throw createRangeIgnoredError(header, download.last);
      expectDownloadStatus(download, 206, `GET with Range: ${header}`);
      assertExactPart(download.last, bytes.subarray(first, end), `bytes ${first}-${end - 1}/${blob.size}`);
    }
    return ok("206, with exactly the requested bytes");
  },
};

function createRangeIgnoredError(header: string, last: RegistryResponse): CheckFailure {
  return new CheckFailure("Range is ignored", {
    expected: `206 for Range: ${header}`,
    actual: `${last.status}, ${last.body.length} bytes`,
    cause: "a proxy drops the header from requests",
    advice:
      "configure the proxy to forward Range to the origin (CloudFront: AllViewerExceptHostHeader): resumed and parallel downloads require it",
  });
}

function assertExactPart(last: RegistryResponse, part: Buffer, contentRange: string): void {
  expectHeader(last, "Content-Range", contentRange, {
    what: "GET with Range",
    cause: "a proxy rewrites or drops the header",
    advice: "configure the proxy to pass Content-Range through unchanged",
  });
  if (last.body.equals(part)) return;
  throw new CheckFailure("the bytes of a range differ from the pushed bytes", {
    expected: `${part.length} bytes (${contentRange})`,
    actual: `${last.body.length} bytes, ${describeResponse(last).split(":")[0]}`,
    cause: "a proxy modifies bodies",
    advice: "disable compression and caching in all proxies",
  });
}

/** Requests a blob with the colon of its digest percent-encoded. */
export const escapedDigest: Check = {
  name: "escaped-digest",
  question: "is a digest with a percent-encoded colon (%3A) accepted?",
  settles:
    "whether API Gateway, CloudFront and the Web Function decode %3A in a path, and whether both forms work",
  run: async (context) => {
    const { digest } = await context.getBlob();
    for (const form of [digest, digest.replace(":", "%3A"), digest.replace(":", "%3a")]) {
      for (const method of ["GET", "HEAD"]) await expectBlob(context, method, form);
    }
    return ok("both forms work, for GET and HEAD");
  },
};
