import { createHash } from "node:crypto";
import type { Client, RequestOptions } from "../../client/client.ts";
import type { RegistryResponse } from "../../client/message.ts";
import { CheckFailure } from "../findings/finding.ts";
import { findLikelyCause } from "../findings/likely-cause.ts";
import { describeResponse } from "../findings/response.ts";

/** The responses to a GET of a blob. */
export interface BlobDownload {
  /** Response of the registry. */
  readonly first: RegistryResponse;
  /** Response of the redirect's target; `first` if there was no redirect. */
  readonly last: RegistryResponse;
  /** URL of `last`. */
  readonly url: URL;
}

const REDIRECT_STATUSES: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

/** Sends a GET, and follows one redirect without `Authorization`, as clients do. */
export async function downloadBlob(
  client: Client,
  path: string,
  options: RequestOptions = {},
): Promise<BlobDownload> {
  const first = await client.send("GET", path, options);
  const url = new URL(path, client.base);
  if (!REDIRECT_STATUSES.has(first.status)) return { first, last: first, url };
  const location = first.headers["location"];
  if (location === undefined || !URL.canParse(location, url.href)) throw createRedirectError(first, location);
  const target = new URL(location, url);
  return { first, last: await client.sendUnauthenticated("GET", target, options), url: target };
}

function createRedirectError(first: RegistryResponse, location: string | undefined): CheckFailure {
  return new CheckFailure("the redirect has no usable Location", {
    expected: "307 with the blob's URL in Location",
    actual: `${describeResponse(first)}, Location: ${location ?? "none"}`,
    cause: "a proxy drops or rewrites Location",
    advice: "configure the proxy to pass the registry's Location headers through unchanged",
  });
}

/** @throws CheckFailure if the last response has a different status */
export function expectDownloadStatus({ first, last, url }: BlobDownload, status: number, what: string): void {
  if (last.status === status) return;
  const server = first === last ? "the registry" : url.host;
  throw new CheckFailure(`${what}: ${server} returned ${last.status}`, {
    expected: `${what} returns ${status}`,
    actual: describeResponse(last),
    ...(first === last ? findLikelyCause(last) : findStorageCause(last)),
  });
}

function findStorageCause(last: RegistryResponse) {
  const code = /<Code>(\w+)<\/Code>/.exec(last.body.toString("utf8"))?.[1];
  switch (code) {
    case "AccessDenied":
      return {
        cause:
          "the role that signed the URL has no permission to read the bucket, or a proxy modified the URL",
        advice:
          "grant the pull function s3:GetObject on blobs/* (and kms:Decrypt for a customer managed key), and redeploy",
      };
    case "SignatureDoesNotMatch":
      return {
        cause: "a proxy modified the URL by re-encoding Location",
        advice: "configure the proxy to pass the registry's Location headers through unchanged",
      };
    case "ExpiredToken":
    case "RequestTimeTooSkewed":
      return {
        cause:
          "the credentials that signed the URL expired before the URL did, or a clock is not synchronized",
        advice: "reduce DOCKLESS_URL_LIFETIME, and check the result of the clock check",
      };
    case "NoSuchKey":
    case "NoSuchBucket":
      return {
        cause: "the blob's record refers to an object that is not in the bucket",
        advice:
          "check that all functions use the same bucket and table, and that no lifecycle rule or other program deletes objects",
      };
    default:
      return {
        cause: "the target of the redirect does not serve the blob",
        advice: "fetch the redirect's Location with curl, and read the response",
      };
  }
}

/** Returns a sink that counts and hashes the received bytes, and a function that returns their digest and size. */
export function createHashingSink() {
  const hash = createHash("sha256");
  let size = 0;
  return {
    sink: (chunk: Buffer) => {
      hash.update(chunk);
      size += chunk.length;
    },
    result: () => ({ digest: `sha256:${hash.digest("hex")}`, size }),
  };
}
