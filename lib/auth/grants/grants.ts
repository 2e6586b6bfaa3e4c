import type { RepositoryName } from "../../oci/repository-name.ts";
import { ACCESS_SORT, PARTITIONS } from "../../ports/record-keys.ts";
import type { Key } from "../../ports/record-store.ts";
import { allSubjects, type Identity } from "../identity.ts";
import { type Action, includes } from "./actions.ts";
import { matches, type RepositoryPattern } from "./pattern.ts";
import type { Subject } from "./subject.ts";

/** Whom it is given to, for which repositories, and what they may do with them. */
export interface Grant {
  readonly subject: Subject;
  readonly pattern: RepositoryPattern;
  readonly actions: readonly Action[];
}

export type GrantRecord = { readonly actions: readonly Action[] };

export function grantKey(subject: Subject, pattern: RepositoryPattern): Key<GrantRecord> {
  return { partition: PARTITIONS.access, sort: `${ACCESS_SORT.grant}${subject}#${pattern}` };
}

/** A grant's name in logs. */
export function ruleOf({ subject, pattern }: Grant): string {
  return `${subject} ${pattern}`;
}

/** Those that hold for the identity. */
export function grantsOf(grants: readonly Grant[], identity: Identity): readonly Grant[] {
  const subjects = new Set(allSubjects(identity));
  return grants.filter(({ subject }) => subjects.has(subject));
}

/** The first of the identity's own grants that allows the action. */
export function findGrant(
  own: readonly Grant[],
  action: Action,
  repository: RepositoryName,
): Grant | undefined {
  return own.find((grant) => includes(grant.actions, action) && matches(grant.pattern, repository));
}

export interface Decision {
  readonly allowed: boolean;
  /** The one that decides. */
  readonly grant?: Grant;
  /** For people: which grant decides, or which ones came near. */
  readonly reason: string;
}

/** Whether the identity may do the action, and why: what no grant allows is denied. */
export function decide(
  grants: readonly Grant[],
  identity: Identity,
  action: Action,
  repository: RepositoryName,
): Decision {
  const own = grantsOf(grants, identity);
  const grant = findGrant(own, action, repository);
  if (grant !== undefined) return { allowed: true, grant, reason: `${describe(grant)} allows it` };
  return { allowed: false, reason: whyNot(grants, own, action, repository) };
}

const NEAR = 5;

function whyNot(
  all: readonly Grant[],
  own: readonly Grant[],
  action: Action,
  repository: RepositoryName,
): string {
  const here = own.filter(({ pattern }) => matches(pattern, repository));
  const elsewhere = own.filter((grant) => !here.includes(grant) && includes(grant.actions, action));
  const others = all.filter((grant) => !own.includes(grant) && findGrant([grant], action, repository));
  const reasons = [
    ...list(here, (grant) => `${describe(grant)} does not include ${action}`),
    ...list(elsewhere, (grant) => `${describe(grant)} is for other repositories`),
    ...list(others, (grant) => `${describe(grant)} is given to somebody else`),
  ];
  return ["no grant allows it", ...reasons].join("; ");
}

function list(grants: readonly Grant[], say: (grant: Grant) => string): readonly string[] {
  const said = grants.slice(0, NEAR).map(say);
  return grants.length > NEAR ? [...said, `and ${grants.length - NEAR} more like it`] : said;
}

function describe({ subject, pattern, actions }: Grant): string {
  return `the grant of ${actions.join(", ")} on ${pattern} to ${subject}`;
}
