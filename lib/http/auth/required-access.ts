import type { WireAction } from "../../auth/grants/scope.ts";
import type { Resource } from "../routes.ts";

/**
 * The action that a request requires on the repository, by resource and method. Base and catalog requests name no repository:
 * every authenticated identity can send them.
 */
const REQUIRED_ACTIONS: Readonly<Record<Resource, Readonly<Record<string, WireAction>>>> = {
  base: {},
  catalog: {},
  blob: { GET: "pull", HEAD: "pull", DELETE: "delete" },
  uploads: { POST: "push" },
  upload: { GET: "push", HEAD: "push", PATCH: "push", PUT: "push", DELETE: "push" },
  manifest: { GET: "pull", HEAD: "pull", PUT: "push", DELETE: "delete" },
  tags: { GET: "pull", HEAD: "pull" },
  referrers: { GET: "pull", HEAD: "pull" },
};

/** Returns the action that a request requires; undefined when it names no repository. */
export function requiredAction(resource: Resource, method: string): WireAction | undefined {
  return REQUIRED_ACTIONS[resource][method];
}

/** Returns the actions that a challenge requests for an action: a client that pushes also checks which blobs exist. */
export function scopeActionsOf(action: WireAction): readonly WireAction[] {
  return action === "push" ? ["pull", "push"] : [action];
}
