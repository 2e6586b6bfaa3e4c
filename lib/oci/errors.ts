/**
 * Error codes of the API, each with its default message and HTTP status.
 * @see https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#error-codes
 * The last four are additions: the spec defines no code for an invalid page size, a failed precondition, unavailable storage
 * or a defect. `PAGINATION_NUMBER_INVALID` is the code that Docker's registry uses.
 */
// Deviation (docs/spec.md): four codes are added for errors without a code in the spec.
// MUST: "The `code` field MUST be one of the following:"
// https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#error-codes
export const ERROR_CODES = {
  BLOB_UNKNOWN: { status: 404, message: "blob unknown to registry" },
  BLOB_UPLOAD_INVALID: { status: 400, message: "blob upload invalid" },
  BLOB_UPLOAD_UNKNOWN: { status: 404, message: "blob upload unknown to registry" },
  DIGEST_INVALID: { status: 400, message: "provided digest did not match uploaded content" },
  MANIFEST_BLOB_UNKNOWN: { status: 404, message: "manifest references a blob unknown to the repository" },
  MANIFEST_INVALID: { status: 400, message: "manifest invalid" },
  MANIFEST_UNKNOWN: { status: 404, message: "manifest unknown to registry" },
  NAME_INVALID: { status: 400, message: "invalid repository name" },
  NAME_UNKNOWN: { status: 404, message: "repository name not known to registry" },
  SIZE_INVALID: { status: 400, message: "provided length did not match content length" },
  UNAUTHORIZED: { status: 401, message: "authentication required" },
  DENIED: { status: 403, message: "requested access to the resource is denied" },
  UNSUPPORTED: { status: 405, message: "the operation is unsupported" },
  TOOMANYREQUESTS: { status: 429, message: "too many requests" },
  PAGINATION_NUMBER_INVALID: { status: 400, message: "invalid number of results requested" },
  PRECONDITION_FAILED: { status: 412, message: "the manifest or tag is not in the expected state" },
  UNAVAILABLE: { status: 503, message: "the registry is temporarily unavailable" },
  UNKNOWN: { status: 500, message: "unknown error" },
} as const;

/** The code of an error in a response. */
export type ErrorCode = keyof typeof ERROR_CODES;

/** An item of the `errors` array in a response. */
export interface ErrorItem {
  readonly code: ErrorCode;
  readonly message: string;
  readonly detail?: unknown;
}

/** Overrides of an error's defaults. */
interface OciErrorOptions {
  readonly message?: string;
  readonly status?: number;
  readonly detail?: unknown;
  /** Details of several failures of the same kind, one item each. Takes precedence over `detail`. */
  readonly details?: readonly unknown[];
  readonly cause?: unknown;
}

/**
 * Codes that require a custom message. If an error has the default message and no detail, docker treats it as a bare code: it
 * does not print the message, and retries a denied request for 50 s.
 */
type CodeWithOwnMessage = "UNAUTHORIZED" | "DENIED" | "TOOMANYREQUESTS";

type OciErrorArguments =
  | readonly [code: CodeWithOwnMessage, options: OciErrorOptions & { readonly message: string }]
  | readonly [code: Exclude<ErrorCode, CodeWithOwnMessage>, options?: OciErrorOptions];

/** A failure that is reported to the client in the spec's error format. */
export class OciError extends Error {
  readonly code: ErrorCode;
  readonly status: number;
  readonly details: readonly unknown[];

  constructor(...[code, options = {}]: OciErrorArguments) {
    super(options.message ?? ERROR_CODES[code].message, { cause: options.cause });
    this.name = "OciError";
    this.code = code;
    this.status = options.status ?? ERROR_CODES[code].status;
    this.details = options.details ?? [options.detail];
  }

  /** Returns the `errors` array of the response: one item for each detail. */
  items(): readonly ErrorItem[] {
    return this.details.map((detail) => ({
      // MUST: "The `code` field MUST be a unique identifier, containing only uppercase alphabetic characters
      // and underscores."
      // https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#error-codes
      code: this.code,
      // SHOULD: "The `message` field is OPTIONAL, and if present, it SHOULD be a human readable string or MAY
      // be empty."
      // https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#error-codes
      message: this.message,
      ...(detail === undefined ? {} : { detail }),
    }));
  }
}
