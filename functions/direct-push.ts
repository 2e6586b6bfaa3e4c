import type { RuntimeOptions } from "../lib/http/compose.ts";
import type { HttpRequest } from "../lib/http/message.ts";
import { frontHost, ownHost } from "../lib/http/public-host.ts";
import { VARIABLES } from "../lib/ports/environment.ts";
import { EDGE_HOST_HEADER } from "../lib/ports/headers.ts";

/** Hosts that requests belong to, and whether they need an identity there. */
interface HostPolicy extends Required<Pick<RuntimeOptions, "hostOf" | "audienceOf" | "requiresIdentity">> {
  /** Whether requests without the secret of the distribution are accepted. */
  readonly acceptsDirect: boolean;
}

/** Requests through the distribution only. They do not pass through API Gateway, whose header provides the registry's host. */
const EDGE_ONLY: HostPolicy = {
  hostOf: frontHost,
  audienceOf: () => undefined,
  requiresIdentity: () => false,
  acceptsDirect: false,
};

/**
 * Requests through the distribution, and those to the function's own hostname, which is a registry of its own with the same
 * repositories: its tokens and its passwords of AWS principals are valid there only. `Host` is trusted, since Lambda accepts no
 * other value than the name of the endpoint.
 * @see https://docs.aws.amazon.com/lambda/latest/dg/web-functions-http.html
 */
const EDGE_OR_DIRECT: HostPolicy = {
  hostOf: (request) => (isDirect(request) ? ownHost(request) : frontHost(request)),
  audienceOf: (request) => (isDirect(request) ? ownHost(request)?.host : undefined),
  // No web ACL protects this hostname, so it serves authenticated clients only.
  requiresIdentity: isDirect,
  acceptsDirect: true,
};

/** Returns the policy of the web function: the variable `directPush` allows requests to its own hostname. */
export function hostPolicyOf(env: NodeJS.ProcessEnv): HostPolicy {
  return env[VARIABLES.directPush] === "true" ? EDGE_OR_DIRECT : EDGE_ONLY;
}

/**
 * Returns whether a request came to the function's own hostname, and not through the distribution. A client cannot forge the
 * header of the edge: lib/http/middleware/origin-secret.ts
 */
function isDirect({ headers }: HttpRequest): boolean {
  return headers[EDGE_HOST_HEADER] === undefined;
}
