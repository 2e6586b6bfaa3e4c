import { isRepositoryName } from "../../oci/repository-name.ts";
import { put, type RecordStore, remove } from "../../ports/record-store.ts";
import { AccessError, failOnConflict } from "../access-error.ts";
import { isMeetable } from "../access-file/access-file.ts";
import { identityOf } from "../accounts/passwords.ts";
import { ANONYMOUS, type Identity } from "../identity.ts";
import { MalformedError } from "../malformed-error.ts";
import { type AccessSnapshot, loadAccess } from "../snapshot.ts";
import { ACTIONS, type Action, parseAction } from "./actions.ts";
import { type Decision, decide, type Grant, grantKey } from "./grants.ts";
import { parsePattern } from "./pattern.ts";
import { ANYBODY, AUTHENTICATED, parseSubject } from "./subject.ts";

/**
 * Gives a subject actions on repositories, in place of what it had been given on the same pattern.
 * @throws MalformedError if something is malformed
 * @throws AccessError with RULE_UNKNOWN. Users, robots and groups can come later.
 */
export async function grant(
  records: RecordStore,
  who: string,
  pattern: string,
  list: string,
): Promise<Grant> {
  const given = {
    subject: parseSubject(who),
    pattern: parsePattern(pattern),
    actions: parseActions(list.split(",")),
  };
  if (!isMeetable(given.subject, await loadAccess(records)))
    throw new AccessError({ code: "RULE_UNKNOWN", subject: given.subject });
  await records.write([put(grantKey(given.subject, given.pattern), { actions: given.actions })]);
  return given;
}

/** In the order in which they are always told, each once. */
function parseActions(list: readonly string[]): readonly Action[] {
  const actions = list.map((text) => parseAction(text.trim()));
  return ACTIONS.filter((action) => actions.includes(action));
}

/** @throws AccessError with GRANT_UNKNOWN */
export async function revoke(records: RecordStore, who: string, pattern: string): Promise<void> {
  const key = grantKey(parseSubject(who), parsePattern(pattern));
  const failure = { code: "GRANT_UNKNOWN", subject: who, pattern } as const;
  await failOnConflict(records.write([remove(key, "present")]), failure);
}

export type Listed = Pick<AccessSnapshot, "grants" | "issuers" | "oidcRules" | "awsRules">;

/** All but the accounts. */
export async function listAccess(records: RecordStore): Promise<Listed> {
  const { grants, issuers, oidcRules, awsRules } = await loadAccess(records);
  return { grants, issuers, oidcRules, awsRules };
}

export interface Explanation extends Decision {
  readonly who: string;
  readonly action: Action;
  readonly repository: string;
}

/** @throws AccessError with ACCOUNT_UNKNOWN */
export async function explain(
  records: RecordStore,
  who: string,
  action: string,
  repository: string,
): Promise<Explanation> {
  if (!isRepositoryName(repository))
    throw new MalformedError(`${JSON.stringify(repository)} is no repository's name`);
  const snapshot = await loadAccess(records);
  const wanted = parseAction(action);
  const decision = decide(snapshot.grants, whoIs(snapshot, who), wanted, repository);
  return { who, action: wanted, repository, ...decision };
}

/** A user or robot with its groups; for other subjects somebody of whom nothing else is known. */
function whoIs({ principals }: AccessSnapshot, who: string): Identity {
  const subject = parseSubject(who);
  if (subject === ANYBODY) return ANONYMOUS;
  const principal = principals.find(({ kind, name }) => `${kind}:${name}` === who);
  const secret = principal?.secrets.at(-1);
  if (principal !== undefined && secret !== undefined) return identityOf(principal, secret);
  const [kind = "", name = ""] = who.split(":");
  if (kind === "user" || kind === "robot") throw new AccessError({ code: "ACCOUNT_UNKNOWN", kind, name });
  return { name: who, subjects: [subject, AUTHENTICATED] };
}
