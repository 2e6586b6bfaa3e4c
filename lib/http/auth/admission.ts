import type { HttpRequest } from "../message.ts";
import type { HostResolver } from "../public-host.ts";
import { findRoute, type Route } from "../routes.ts";
import { parseAuthorization } from "./authorization.ts";
import { createChallenge, parseRequestedAccess, type RequestedAccess } from "./requested-access.ts";

/** Options for `createAdmission`. */
export interface AdmissionOptions {
  readonly hostOf: HostResolver;
  /** Returns whether anonymous callers are challenged, whatever the grants to `anonymous` are. */
  requiresIdentity(request: HttpRequest): boolean;
}

/** Rejects a request before it is routed. @throws OciError */
export type Admission = (request: HttpRequest) => void;

const BASE_ROUTE: Route = { resource: "base", name: "", argument: "" };

/**
 * Creates an admission that challenges requests without credentials where an identity is required, for existing endpoints and
 * for all other paths alike, so that responses reveal neither repositories nor endpoints.
 */
export function createAdmission({ hostOf, requiresIdentity }: AdmissionOptions): Admission {
  return (request) => {
    const { scheme } = parseAuthorization(request);
    if (scheme === "basic" || scheme === "bearer" || !requiresIdentity(request)) return;
    throw createChallenge(findRequestedAccess(request, hostOf));
  };
}

/** Returns the access that a request requires; for an invalid request, the access that `/v2/` requires. */
function findRequestedAccess(request: HttpRequest, hostOf: HostResolver): RequestedAccess {
  try {
    return parseRequestedAccess(request, findRoute(request.path) ?? BASE_ROUTE, hostOf);
  } catch {
    return parseRequestedAccess(request, BASE_ROUTE, hostOf);
  }
}
