/** A command of the SDK, or a client. */
interface Sender {
  readonly middlewareStack: {
    add(middleware: typeof skipBodySigning, options: { readonly step: "build" }): void;
  };
}

/** Excludes the body of a command, or of all commands of a client, from the signature. @returns the same command or client */
export function withUnsignedBody<T extends Sender>(sender: T): T {
  sender.middlewareStack.add(skipBodySigning, { step: "build" });
  return sender;
}

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
