import type { HttpRequest } from "../message.ts";
import type { HostResolver } from "../public-host.ts";
import { findRoute, type Route } from "../routes.ts";
import { parseAuthorization } from "./authorization.ts";
import { createChallenge, parseRequestedAccess, type RequestedAccess } from "./requested-access.ts";

/** The policies of an admission. */
export interface AdmissionOptions {
  readonly hostOf: HostResolver;
  /** Returns whether anonymous callers are challenged, whatever the grants to `anonymous` are. */
  requiresIdentity(request: HttpRequest): boolean;
}

/** Rejects a request before it is routed. @throws OciError */
export type Admission = (request: HttpRequest) => void;

const BASE_ROUTE: Route = { resource: "base", name: "", argument: "" };

/**
 * Creates an admission that challenges requests without credentials where an identity is required: for endpoints that exist and
 * for all other paths alike, so that the responses reveal neither repositories nor endpoints.
 */
export function createAdmission({ hostOf, requiresIdentity }: AdmissionOptions): Admission {
  return (request) => {
    const { scheme } = parseAuthorization(request);
    if (scheme === "basic" || scheme === "bearer" || !requiresIdentity(request)) return;
    throw createChallenge(findRequestedAccess(request, hostOf));
  };
}

/** Returns the access that a request requires, or that of `/v2/` for a request that is not valid. */
function findRequestedAccess(request: HttpRequest, hostOf: HostResolver): RequestedAccess {
  try {
    return parseRequestedAccess(request, findRoute(request.path) ?? BASE_ROUTE, hostOf);
  } catch {
    return parseRequestedAccess(request, BASE_ROUTE, hostOf);
  }
}
