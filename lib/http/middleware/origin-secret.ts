import { createHash, timingSafeEqual } from "node:crypto";
import { OciError } from "../../oci/errors.ts";
import {
  EDGE_CLIENT_HEADER,
  EDGE_HOST_HEADER,
  ORIGIN_SECRET_HEADER,
  REGISTRY_HOST_HEADER,
} from "../../ports/headers.ts";
import { errorResponse } from "../errors.ts";
import type { App, HttpRequest, HttpResponse } from "../message.ts";
import { withClient } from "./forwarded-client.ts";

/** The CloudFront origin secrets: docs/decisions/0011-a-secret-header-for-the-origins.md */
export interface OriginSecretOptions {
  /** Valid values of the header: one, or two while the secret is being rotated. */
  readonly secrets: readonly string[];
  /** Whether requests to the origin's own hostname are accepted without the secret; edge headers are then removed. */
  readonly acceptsDirect?: boolean;
}

/**
 * Accepts only requests from CloudFront, which authenticates with a secret header. Only in these requests are the edge headers
 * trusted, including the client's address. The application does not receive the secret.
 */
export function withOriginSecret(app: App, { secrets, acceptsDirect = false }: OriginSecretOptions): App {
  const digests = secrets.map(hash);
  return async (request) => {
    const { [ORIGIN_SECRET_HEADER]: secret, ...headers } = request.headers;
    if (isValid(secret, digests))
      return await app(withClient({ ...request, headers }, headers[EDGE_CLIENT_HEADER]));
    if (!acceptsDirect) return refuse(request);
    const { [EDGE_HOST_HEADER]: _host, [EDGE_CLIENT_HEADER]: _client, ...own } = headers;
    return await app({ ...request, headers: own });
  };
}

/** Compares a value with all secrets, without an early exit and in constant time. */
function isValid(secret: string | undefined, digests: readonly Buffer[]): boolean {
  const digest = hash(secret ?? "");
  return digests.filter((valid) => timingSafeEqual(digest, valid)).length > 0;
}

/** Hashes a secret, since only buffers of the same length can be compared in constant time. */
function hash(secret: string): Buffer {
  return createHash("sha256").update(secret).digest();
}

const HOST_PATTERN = /^[a-z0-9.:-]{1,255}$/i;

function refuse({ headers }: HttpRequest): HttpResponse {
  const host = headers[REGISTRY_HOST_HEADER] ?? "";
  const name = HOST_PATTERN.test(host) ? host : "the registry's hostname";
  return errorResponse(new OciError("DENIED", { message: `this address is not public: use ${name}` }));
}
