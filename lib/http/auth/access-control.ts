import { PasswordAuthenticator } from "../../auth/accounts/passwords.ts";
import type { SecretVerifier } from "../../auth/accounts/secret-verifier.ts";
import type { Authenticator } from "../../auth/authenticator.ts";
import { CachingAuthenticator, FirstOf } from "../../auth/authenticators.ts";
import { type AccessSnapshot, cachedAccess, isUnconfigured } from "../../auth/snapshot.ts";
import { TokenKeys } from "../../auth/tokens/token-keys.ts";
import { TokenService } from "../../auth/tokens/token-service.ts";
import { Tokens } from "../../auth/tokens/tokens.ts";
import type { RecordStore } from "../../ports/record-store.ts";
import { withTokenEndpoint } from "../endpoints/token.ts";
import type { App, HttpRequest } from "../message.ts";
import type { LogLine } from "../middleware/log.ts";
import type { AudienceOf, HostOf } from "../public-host.ts";
import { Audit } from "./audit.ts";
import { createGuard, type Guard } from "./guard.ts";

export interface AccessControlOptions {
  readonly records: RecordStore;
  readonly secretVerifier: SecretVerifier;
  readonly hostOf: HostOf;
  readonly audienceOf: AudienceOf;
  /** Of access tokens, in seconds. */
  readonly tokenLifetime: number;
  /** Whether everybody may do everything as long as nothing is configured. */
  readonly openUntilConfigured: boolean;
  /** Those who know foreign credentials, made for what is configured at a time. */
  readonly foreign?: (access: () => Promise<AccessSnapshot>) => readonly Authenticator[];
  readonly log: (line: LogLine) => void;
  readonly onDefect: (error: unknown, request: HttpRequest) => void;
  now(): Date;
  /** Milliseconds of a clock that never goes back, for the ages of what is cached. */
  monotonicNow(): number;
}

export interface AccessControl {
  readonly guard: Guard;
  withTokens(app: App): App;
}

/** Puts together all that decides who may do what. */
export function createAccessControl(options: AccessControlOptions): AccessControl {
  const { records, secretVerifier, now, monotonicNow, hostOf, audienceOf, onDefect } = options;
  const access = cachedAccess(records, monotonicNow);
  const isOpen = openness(access, options.openUntilConfigured);
  const tokens = new Tokens(new TokenKeys({ records, now, monotonicNow }), now);
  const clocks = { now, monotonicNow };
  const foreign = options.foreign?.(access).map((one) => new CachingAuthenticator(one, clocks)) ?? [];
  const passwords = new PasswordAuthenticator({ records, secretVerifier, access, now });
  const authenticator = new FirstOf([...foreign, passwords]);
  const service = new TokenService({ tokens, authenticator, access, now, lifetime: options.tokenLifetime });
  const audit = new Audit({ log: options.log, now });
  return {
    guard: createGuard({ tokens, service, audit, hostOf, audienceOf, access, isOpen }),
    withTokens: (app) => withTokenEndpoint(app, { service, audit, hostOf, audienceOf, isOpen, onDefect }),
  };
}

/** Once there was something to protect, this process never opens again: who removes the last account locks up. */
function openness(access: () => Promise<AccessSnapshot>, mayBeOpen: boolean): () => Promise<boolean> {
  let isClosed = !mayBeOpen;
  return async () => {
    if (!isClosed) isClosed = !isUnconfigured(await access());
    return !isClosed;
  };
}
