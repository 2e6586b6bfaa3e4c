import { compareAccess } from "../../auth/access-changes.ts";
import { PasswordAuthenticator } from "../../auth/accounts/passwords.ts";
import type { Authenticator } from "../../auth/authenticator.ts";
import { AuthenticatorChain, CachingAuthenticator } from "../../auth/authenticators.ts";
import { cachedAccess } from "../../auth/cached-access.ts";
import { type AccessSnapshot, isUnconfigured } from "../../auth/snapshot.ts";
import { TokenKeys } from "../../auth/tokens/token-keys.ts";
import { TokenService } from "../../auth/tokens/token-service.ts";
import { Tokens } from "../../auth/tokens/tokens.ts";
import type { RecordStore } from "../../ports/record-store.ts";
import { withTokenEndpoint } from "../endpoints/token.ts";
import type { App, HttpRequest } from "../message.ts";
import type { LogLine } from "../middleware/log.ts";
import type { AudienceResolver, HostResolver } from "../public-host.ts";
import { type Admission, createAdmission } from "./admission.ts";
import { Audit } from "./audit.ts";
import { createGuard, type Guard } from "./guard.ts";
import { type LocalAccess, withLocalAccess } from "./local-access.ts";

/** The store, the policies and the callbacks of access control. */
export interface AccessControlOptions {
  readonly records: RecordStore;
  readonly hostOf: HostResolver;
  readonly audienceOf: AudienceResolver;
  /** The lifetime of the access tokens of users and robots, in seconds. */
  readonly tokenLifetime: number;
  /** Whether all requests are allowed while no account, grant or rule exists. */
  readonly openUntilConfigured: boolean;
  /** Host names and web origins that have access while the registry is open, in addition to loopback. @default all */
  readonly openTo?: LocalAccess | undefined;
  /** The access configuration at process start, so that changes before the first request are logged. */
  readonly initialAccess?: AccessSnapshot | undefined;
  /**
   * Returns whether anonymous callers are challenged, whatever the grants to `anonymous` are.
   * @default - they are not
   */
  readonly requiresIdentity?: (request: HttpRequest) => boolean;
  /** Creates the authenticators of federated identities, which read the current access configuration. */
  readonly federated?: (access: () => Promise<AccessSnapshot>) => readonly Authenticator[];
  readonly log: (line: LogLine) => void;
  readonly onDefect: (error: unknown, request: HttpRequest) => void;
  now(): Date;
  /** Milliseconds of a monotonic clock, for the age of cache entries. */
  monotonicNow(): number;
}

/** The admission and the guard of the API, and the token endpoint. */
export interface AccessControl {
  readonly admit: Admission;
  readonly guard: Guard;
  /** Returns the app with the token endpoint. */
  withTokens(app: App): App;
}

/** Creates the authenticators, the token service, the guard and the audit log, and connects them. */
export function createAccessControl(options: AccessControlOptions): AccessControl {
  const { records, now, monotonicNow, onDefect } = options;
  const { hostOf, audienceOf, openTo, requiresIdentity = () => false } = options;
  const audit = new Audit({ log: options.log, now });
  const access = cachedAccess(
    records,
    monotonicNow,
    (before, after) => audit.logAccessChanges(compareAccess(before, after)),
    options.initialAccess,
  );
  const isOpen = createOpenCheck(access, options.openUntilConfigured);
  const tokens = new Tokens(new TokenKeys({ records, now, monotonicNow }), now);
  const clocks = { now, monotonicNow };
  const federated = options.federated?.(access).map((inner) => new CachingAuthenticator(inner, clocks)) ?? [];
  const passwords = new PasswordAuthenticator({ records, access, now });
  const authenticator = new AuthenticatorChain([...federated, passwords]);
  const service = new TokenService({ tokens, authenticator, access, now, lifetime: options.tokenLifetime });
  const policies = { service, audit, hostOf, audienceOf, isOpen, requiresIdentity };
  return {
    admit: createAdmission(policies),
    guard: withLocalAccess(createGuard({ ...policies, tokens, access }), { openTo, isOpen }),
    withTokens: (app) => withTokenEndpoint(app, { ...policies, onDefect }),
  };
}

/**
 * Creates the check whether all requests are allowed. Once a configuration has existed, the registry stays closed in this
 * process, so that deleting the last account locks the registry instead of opening it.
 */
function createOpenCheck(access: () => Promise<AccessSnapshot>, canBeOpen: boolean): () => Promise<boolean> {
  let isClosed = !canBeOpen;
  return async () => {
    if (!isClosed) isClosed = !isUnconfigured(await access());
    return !isClosed;
  };
}
