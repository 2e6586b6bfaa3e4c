import { includesAction } from "./actions.ts";
import { ANONYMOUS_GRANTEE, AUTHENTICATED_GRANTEE } from "./grantee.ts";
import type { Grant } from "./grants.ts";
import { hasMember, type Members } from "./members.ts";

/** Lists the reasons why grants are ineffective, one sentence each: a grantee that does not exist, or `push` without `pull`. */
export function findGrantWarnings(
  added: readonly Grant[],
  configured: Members & { readonly grants: readonly Grant[] },
): readonly string[] {
  return added.flatMap((grant) => [
    ...(hasMember(grant.subject, configured) ? [] : [describeMissingGrantee(grant)]),
    ...(isPushWithoutPull(grant, configured.grants) ? [describePushWithoutPull(grant)] : []),
  ]);
}

function describeMissingGrantee({ subject }: Grant): string {
  const [kind, name] = subject.split(":");
  if (kind === "user" || kind === "robot")
    return `there is no ${kind} ${name}: create it with \`dockless ${kind} add ${name}\``;
  return kind === "group"
    ? `group ${name} has no members: add one with \`dockless user add NAME --group ${name}\``
    : `a grant to ${subject} has no effect: no account or rule matches it`;
}

/** Returns whether a grant lacks `pull`, without which clients cannot push: they first check which blobs and manifests exist. */
function isPushWithoutPull({ subject, pattern, actions }: Grant, grants: readonly Grant[]): boolean {
  if (!includesAction(actions, "push")) return false;
  const applicable: ReadonlySet<string> = new Set([
    subject,
    ANONYMOUS_GRANTEE,
    ...(subject === ANONYMOUS_GRANTEE ? [] : [AUTHENTICATED_GRANTEE]),
  ]);
  return !grants.some(
    (grant) =>
      applicable.has(grant.subject) &&
      (grant.pattern === pattern || grant.pattern === "**") &&
      includesAction(grant.actions, "pull"),
  );
}

function describePushWithoutPull({ subject, pattern }: Grant): string {
  return `${subject} may push to ${pattern}, but not pull from it: clients check what exists before a push, so grant pull,push`;
}
