import type { RuntimeOptions } from "../lib/http/compose.ts";
import type { HttpRequest } from "../lib/http/message.ts";
import { frontHost, ownHost } from "../lib/http/public-host.ts";
import { VARIABLES } from "../lib/ports/environment.ts";
import { EDGE_HOST_HEADER } from "../lib/ports/headers.ts";

/** How a request's host is determined, and whether requests require an identity. */
interface HostPolicy extends Required<Pick<RuntimeOptions, "hostOf" | "audienceOf" | "requiresIdentity">> {
  /** Whether requests without the CloudFront origin secret are accepted. */
  readonly acceptsDirect: boolean;
}

/** Accepts requests from CloudFront only. They bypass API Gateway, so its header with the registry's host is not available. */
const EDGE_ONLY: HostPolicy = {
  hostOf: frontHost,
  audienceOf: () => undefined,
  requiresIdentity: () => false,
  acceptsDirect: false,
};

/**
 * Accepts requests from CloudFront, and direct requests to the function's own hostname, which is a separate registry with the
 * same repositories: its tokens and AWS passwords are valid only there. `Host` is trusted, since Lambda accepts only the
 * endpoint's own hostname.
 * @see https://docs.aws.amazon.com/lambda/latest/dg/web-functions-http.html
 */
const EDGE_OR_DIRECT: HostPolicy = {
  hostOf: (request) => (isDirect(request) ? ownHost(request) : frontHost(request)),
  audienceOf: (request) => (isDirect(request) ? ownHost(request)?.host : undefined),
  // No web ACL protects this hostname, so it serves authenticated clients only.
  requiresIdentity: isDirect,
  acceptsDirect: true,
};

/** Returns the web function's host policy: the variable `directPush` enables requests to its own hostname. */
export function hostPolicyOf(env: NodeJS.ProcessEnv): HostPolicy {
  return env[VARIABLES.directPush] === "true" ? EDGE_OR_DIRECT : EDGE_ONLY;
}

/**
 * Returns whether a request was sent to the function's own hostname rather than through CloudFront. A client cannot forge the
 * edge header: lib/http/middleware/origin-secret.ts
 */
function isDirect({ headers }: HttpRequest): boolean {
  return headers[EDGE_HOST_HEADER] === undefined;
}
