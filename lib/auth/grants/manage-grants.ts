import { isRepositoryName } from "../../oci/repository-name.ts";
import { put, type RecordStore, remove } from "../../ports/record-store.ts";
import { AccessError, failOnConflict } from "../access-error.ts";
import { hasRequiredRule } from "../access-file/access-file.ts";
import { writeAccess } from "../access-version.ts";
import { identityOf } from "../accounts/passwords.ts";
import { ANONYMOUS, type Identity } from "../identity.ts";
import { MalformedError } from "../malformed-error.ts";
import { type AccessSnapshot, loadAccess } from "../snapshot.ts";
import { ACTIONS, type Action, parseAction } from "./actions.ts";
import { ANONYMOUS_GRANTEE, AUTHENTICATED_GRANTEE, granteeOf, parseGrantee } from "./grantee.ts";
import { type Decision, decide, type Grant, grantKey } from "./grants.ts";
import { parsePattern } from "./pattern.ts";

/**
 * Grants actions on repositories to a grantee. A grant to the same grantee on the same pattern is replaced.
 * @param list the actions, separated by commas
 * @throws MalformedError when an argument is malformed
 * @throws AccessError with RULE_UNKNOWN when the grantee names a rule that does not exist. Users, robots and groups need
 * not exist yet.
 */
export async function grant(
  records: RecordStore,
  grantee: string,
  pattern: string,
  list: string,
): Promise<Grant> {
  const granted = {
    subject: parseGrantee(grantee),
    pattern: parsePattern(pattern),
    actions: parseActions(list.split(",")),
  };
  if (!hasRequiredRule(granted.subject, await loadAccess(records)))
    throw new AccessError({ code: "RULE_UNKNOWN", grantee: granted.subject });
  await writeAccess(records, [put(grantKey(granted.subject, granted.pattern), { actions: granted.actions })]);
  return granted;
}

/** Parses actions into the order of `ACTIONS`, without duplicates. */
function parseActions(list: readonly string[]): readonly Action[] {
  const actions = list.map((text) => parseAction(text.trim()));
  return ACTIONS.filter((action) => actions.includes(action));
}

/**
 * Revokes the grant to a grantee on exactly this pattern.
 * @throws MalformedError when an argument is malformed
 * @throws AccessError with GRANT_UNKNOWN
 */
export async function revoke(records: RecordStore, grantee: string, pattern: string): Promise<void> {
  const key = grantKey(parseGrantee(grantee), parsePattern(pattern));
  const failure = { code: "GRANT_UNKNOWN", grantee, pattern } as const;
  await failOnConflict(writeAccess(records, [remove(key, "present")]), failure);
}

/** The access configuration without the accounts. */
export type ConfiguredAccess = Pick<AccessSnapshot, "grants" | "issuers" | "oidcRules" | "awsRules">;

/** Lists grants, issuers and rules. */
export async function listAccess(records: RecordStore): Promise<ConfiguredAccess> {
  const { grants, issuers, oidcRules, awsRules } = await loadAccess(records);
  return { grants, issuers, oidcRules, awsRules };
}

/** A decision together with its question. Printed as JSON, so the field names are part of the interface. */
export interface Explanation extends Decision {
  /** The grantee. */
  readonly who: string;
  readonly action: Action;
  readonly repository: string;
}

/**
 * Explains whether a grantee may perform an action on a repository.
 * @throws MalformedError when an argument is malformed
 * @throws AccessError with ACCOUNT_UNKNOWN
 */
export async function explain(
  records: RecordStore,
  who: string,
  action: string,
  repository: string,
): Promise<Explanation> {
  if (!isRepositoryName(repository))
    throw new MalformedError(`${JSON.stringify(repository)} is not a valid repository name`);
  const snapshot = await loadAccess(records);
  const parsedAction = parseAction(action);
  const decision = decide(snapshot.grants, identityFor(snapshot, who), parsedAction, repository);
  return { who, action: parsedAction, repository, ...decision };
}

/** Returns the identity of a user or robot with its groups; for any other grantee, an identity with only that grantee. */
function identityFor({ accounts }: AccessSnapshot, who: string): Identity {
  const grantee = parseGrantee(who);
  if (grantee === ANONYMOUS_GRANTEE) return ANONYMOUS;
  const account = accounts.find(({ kind, name }) => granteeOf(kind, name) === grantee);
  const secret = account?.secrets.at(-1);
  if (account !== undefined && secret !== undefined) return identityOf(account, secret);
  const [kind = "", name = ""] = who.split(":");
  if (kind === "user" || kind === "robot") throw new AccessError({ code: "ACCOUNT_UNKNOWN", kind, name });
  return { name: who, grantees: [grantee, AUTHENTICATED_GRANTEE] };
}
