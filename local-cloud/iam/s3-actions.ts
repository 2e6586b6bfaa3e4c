import type { AwsCall, AwsRequest } from "./call.ts";
import { UnsupportedCallError } from "./call.ts";
import type { Permission } from "./policy.ts";

/**
 * Parses a path-style S3 request into the call and the permissions that it requires: "Required permissions for Amazon S3 API
 * operations".
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html
 */
export function parseS3Call(request: AwsRequest): AwsCall {
  const url = new URL(request.url, "http://s3");
  const [, bucket = "", path = ""] = /^\/([^/]*)\/?(.*)$/s.exec(url.pathname) ?? [];
  const target = { bucket, key: decodeURIComponent(path), query: url.searchParams };
  return target.key === "" ? parseBucketCall(request, target) : parseObjectCall(request, target);
}

interface Target {
  readonly bucket: string;
  readonly key: string;
  readonly query: URLSearchParams;
}

function parseObjectCall(request: AwsRequest, { bucket, key, query }: Target): AwsCall {
  const on = (...actions: readonly string[]) =>
    actions.map((action) => ({ action: `s3:${action}`, resource: arn(bucket, key) }));
  const versioned = query.has("versionId") ? "Version" : "";
  const source = sourceOf(request);
  const inUpload = query.has("uploadId");
  switch (request.method) {
    case "PUT":
      requireKnown(query, ["uploadId", "partNumber"]);
      return {
        kind: `S3 ${inUpload ? "UploadPart" : source === undefined ? "PutObject" : "CopyObject"}${inUpload && source !== undefined ? "Copy" : ""}`,
        requiredPermissions: [
          ...(source === undefined ? [] : [source]),
          ...on("PutObject", ...tagging(request)),
        ],
      };
    case "POST":
      requireKnown(query, ["uploads", "uploadId"]);
      return {
        kind: `S3 ${inUpload ? "Complete" : "Create"}MultipartUpload`,
        requiredPermissions: on("PutObject", ...tagging(request)),
      };
    case "DELETE":
      requireKnown(query, ["uploadId", "versionId"]);
      if (inUpload)
        return { kind: "S3 AbortMultipartUpload", requiredPermissions: on("AbortMultipartUpload") };
      return { kind: "S3 DeleteObject", requiredPermissions: on(`DeleteObject${versioned}`) };
    case "GET":
    case "HEAD":
      if (inUpload) return { kind: "S3 ListParts", requiredPermissions: on("ListMultipartUploadParts") };
      requireKnown(query, ["versionId", "partNumber"]);
      return {
        kind: `S3 ${request.method === "GET" ? "Get" : "Head"}Object${query.has("X-Amz-Signature") ? ", presigned" : ""}`,
        requiredPermissions: on(`GetObject${versioned}`),
      };
    default:
      throw new UnsupportedCallError(`${request.method} ${request.url}`);
  }
}

function parseBucketCall({ method, url, body }: AwsRequest, { bucket, query }: Target): AwsCall {
  const on = (action: string) => [{ action: `s3:${action}`, resource: arn(bucket) }];
  if (method === "HEAD") return { kind: "S3 HeadBucket", requiredPermissions: on("ListBucket") };
  if (method === "GET" && query.has("uploads"))
    return { kind: "S3 ListMultipartUploads", requiredPermissions: on("ListBucketMultipartUploads") };
  if (method === "GET" && query.has("list-type"))
    return { kind: "S3 ListObjectsV2", requiredPermissions: on("ListBucket") };
  if (method === "POST" && query.has("delete")) {
    const permissions = keysIn(body).map((key) => ({
      action: "s3:DeleteObject",
      resource: arn(bucket, key),
    }));
    if (permissions.length > 0) return { kind: "S3 DeleteObjects", requiredPermissions: permissions };
  }
  throw new UnsupportedCallError(`${method} ${url}`);
}

/** Returns the permission to read the source of a copy; undefined when the request is not a copy. */
function sourceOf({ headers }: AwsRequest): Permission | undefined {
  const source = headers["x-amz-copy-source"];
  if (typeof source !== "string") return undefined;
  const [, bucket = "", key = ""] = /^\/?([^/]+)\/(.+)$/s.exec(decodeURIComponent(source)) ?? [];
  return { action: "s3:GetObject", resource: arn(bucket, key) };
}

function tagging({ headers }: AwsRequest): readonly string[] {
  return headers["x-amz-tagging"] === undefined ? [] : ["PutObjectTagging"];
}

/** Rejects query parameters that would select a different operation. @throws UnsupportedCallError */
function requireKnown(query: URLSearchParams, known: readonly string[]): void {
  const unknown = [...query.keys()].filter((name) => {
    return !known.includes(name) && !/^(x-id|X-Amz-.*|x-amz-.*|response-.*)$/.test(name);
  });
  if (unknown.length > 0) throw new UnsupportedCallError(`query parameter ${unknown.join()}`);
}

function keysIn(xml: string): readonly string[] {
  return [...xml.matchAll(/<Key>([^<]*)<\/Key>/g)].map(([, key = ""]) => key.replaceAll("&amp;", "&"));
}

function arn(bucket: string, key?: string): string {
  return key === undefined ? `arn:aws:s3:::${bucket}` : `arn:aws:s3:::${bucket}/${key}`;
}
