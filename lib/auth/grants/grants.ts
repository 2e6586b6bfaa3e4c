import type { RepositoryName } from "../../oci/repository-name.ts";
import { ACCESS_SORT, PARTITIONS } from "../../ports/record-keys.ts";
import type { Key } from "../../ports/record-store.ts";
import { allGranteesOf, type Identity } from "../identity.ts";
import { type Action, includesAction } from "./actions.ts";
import type { Grantee } from "./grantee.ts";
import { matchesPattern, type RepositoryPattern } from "./pattern.ts";

/** An access grant: the actions that a grantee may perform on the repositories that match a pattern. */
export interface Grant {
  /** The grantee. The field has the name that access files and JSON output use. */
  readonly subject: Grantee;
  readonly pattern: RepositoryPattern;
  readonly actions: readonly Action[];
}

/** The stored form of a grant; its key contains the grantee and the pattern. */
export type GrantRecord = { readonly actions: readonly Action[] };

/** Returns the key of a stored grant. */
export function grantKey(grantee: Grantee, pattern: RepositoryPattern): Key<GrantRecord> {
  return { partition: PARTITIONS.access, sort: `${ACCESS_SORT.grant}${grantee}#${pattern}` };
}

/** Returns the name of a grant in logs and plans: its grantee and pattern. */
export function grantNameOf({ subject, pattern }: Grant): string {
  return `${subject} ${pattern}`;
}

/** Returns the grants of an identity. */
export function selectGrants(grants: readonly Grant[], identity: Identity): readonly Grant[] {
  const grantees = new Set(allGranteesOf(identity));
  return grants.filter(({ subject }) => grantees.has(subject));
}

/** Returns the first of an identity's grants that allows the action. */
export function findGrant(
  ownGrants: readonly Grant[],
  action: Action,
  repository: RepositoryName,
): Grant | undefined {
  return ownGrants.find(
    (grant) => includesAction(grant.actions, action) && matchesPattern(grant.pattern, repository),
  );
}

/** The result of an authorization check. */
export interface Decision {
  readonly allowed: boolean;
  /** The grant that allows the action. */
  readonly grant?: Grant;
  /** The explanation for people: the grant that allows the action, or the similar grants that do not. */
  readonly reason: string;
}

/** Decides whether the identity may perform the action, and why. An action that no grant allows is denied. */
export function decide(
  grants: readonly Grant[],
  identity: Identity,
  action: Action,
  repository: RepositoryName,
): Decision {
  const ownGrants = selectGrants(grants, identity);
  const grant = findGrant(ownGrants, action, repository);
  if (grant !== undefined) return { allowed: true, grant, reason: `${describe(grant)} allows it` };
  return { allowed: false, reason: explainDenial(grants, ownGrants, action, repository) };
}

const MAX_SIMILAR_GRANTS = 5;

function explainDenial(
  all: readonly Grant[],
  ownGrants: readonly Grant[],
  action: Action,
  repository: RepositoryName,
): string {
  const onRepository = ownGrants.filter(({ pattern }) => matchesPattern(pattern, repository));
  const onOthers = ownGrants.filter(
    (grant) => !onRepository.includes(grant) && includesAction(grant.actions, action),
  );
  const ofOthers = all.filter(
    (grant) => !ownGrants.includes(grant) && findGrant([grant], action, repository),
  );
  const reasons = [
    ...list(onRepository, (grant) => `${describe(grant)} does not include ${action}`),
    ...list(onOthers, (grant) => `${describe(grant)} is for other repositories`),
    ...list(ofOthers, (grant) => `${describe(grant)} is given to another grantee`),
  ];
  return ["no grant allows it", ...reasons].join("; ");
}

function list(grants: readonly Grant[], format: (grant: Grant) => string): readonly string[] {
  const lines = grants.slice(0, MAX_SIMILAR_GRANTS).map(format);
  const rest = grants.length - MAX_SIMILAR_GRANTS;
  return rest > 0 ? [...lines, `and ${rest} similar ${rest === 1 ? "grant" : "grants"}`] : lines;
}

function describe({ subject, pattern, actions }: Grant): string {
  return `the grant of ${actions.join(", ")} on ${pattern} to ${subject}`;
}
