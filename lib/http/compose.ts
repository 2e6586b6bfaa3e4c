import { federatedAuthenticators } from "../auth/federated.ts";
import type { RegistryContext } from "../registry/registry-context.ts";
import { createApp } from "./app.ts";
import { type AccessControlOptions, createAccessControl } from "./auth/access-control.ts";
import type { App } from "./message.ts";
import { createDefectLog } from "./middleware/defect-log.ts";
import type { LogLine } from "./middleware/log.ts";
import { type RuntimeMiddleware, withMiddleware } from "./middleware/order.ts";

/** Dependencies and settings of the application that differ between runtimes. */
export interface RuntimeOptions
  extends Pick<
    AccessControlOptions,
    | "hostOf"
    | "audienceOf"
    | "tokenLifetime"
    | "openUntilConfigured"
    | "openTo"
    | "requiresIdentity"
    | "monotonicNow"
    | "initialAccess"
  > {
  readonly registry: RegistryContext;
  /** Receives lines about defects and audited actions, and with `logsRequests` also about each request. */
  readonly log: (line: LogLine) => void;
  readonly logsRequests: boolean;
  /** Origin of the STS endpoint, instead of AWS's default. */
  readonly stsEndpoint: string | undefined;
  readonly middleware?: RuntimeMiddleware;
}

/** Composes the application: the API, access control, the token service and the log. */
export function composeApp({
  registry,
  log,
  logsRequests,
  stsEndpoint,
  middleware,
  monotonicNow,
  ...accessControl
}: RuntimeOptions): App {
  const { records, now } = registry;
  const onDefect = createDefectLog({ log, now, monotonicNow });
  const control = createAccessControl({
    ...{ records, now, monotonicNow, log, onDefect, ...accessControl },
    federated: (access) => federatedAuthenticators({ access, now, monotonicNow, stsEndpoint }),
  });
  const app = createApp(registry, { onDefect, admit: control.admit, guard: control.guard });
  return withMiddleware(app, { tokens: control.withTokens, logsRequests, log, now, ...middleware });
}
