import type { WireAction } from "../../auth/grants/scope.ts";
import type { Resource } from "../routes.ts";

/**
 * What a request must be allowed to do with the repository that it names. The base and the catalog name none: whoever
 * has signed in may ask for them.
 */
const REQUIRED: Readonly<Record<Resource, Readonly<Record<string, WireAction>>>> = {
  base: {},
  catalog: {},
  blob: { GET: "pull", HEAD: "pull", DELETE: "delete" },
  uploads: { POST: "push" },
  upload: { GET: "push", HEAD: "push", PATCH: "push", PUT: "push", DELETE: "push" },
  manifest: { GET: "pull", HEAD: "pull", PUT: "push", DELETE: "delete" },
  tags: { GET: "pull", HEAD: "pull" },
  referrers: { GET: "pull", HEAD: "pull" },
};

/** @returns undefined for what names no repository */
export function requiredAction(resource: Resource, method: string): WireAction | undefined {
  return REQUIRED[resource][method];
}

/** What a client should ask a token for: who pushes also looks what is there already. */
export function scopeActions(action: WireAction): readonly WireAction[] {
  return action === "push" ? ["pull", "push"] : [action];
}
