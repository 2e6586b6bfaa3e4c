/** Options for adding `skipBodySigning` to a command's middleware. */
export const BODY_SIGNING_STEP = { step: "build" } as const;

/**
 * Excludes the body from the signature. Signing it would require a SHA-256 of each part, here and again in S3, which is a
 * third of the work of a push. S3 verifies the body with its CRC-32, which is signed, and clients verify the digest of a
 * blob that they pull: docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html
 */
export function skipBodySigning<Args extends { readonly request: unknown }, Result>(
  next: (args: Args) => Promise<Result>,
): (args: Args) => Promise<Result> {
  return (args) => {
    headersOf(args.request)["x-amz-content-sha256"] = "UNSIGNED-PAYLOAD";
    return next(args);
  };
}

function headersOf(request: unknown): Record<string, unknown> {
  if (!isRequest(request)) throw new Error("the SDK did not build an HTTP request");
  return request.headers;
}

function isRequest(request: unknown): request is { readonly headers: Record<string, unknown> } {
  return typeof request === "object" && request !== null && "headers" in request;
}
