import { federatedAuthenticators } from "../auth/federated.ts";
import type { RegistryContext } from "../registry/registry-context.ts";
import { createApp } from "./app.ts";
import { type AccessControlOptions, createAccessControl } from "./auth/access-control.ts";
import type { App, HttpRequest } from "./message.ts";
import { defectLine, type LogLine } from "./middleware/log.ts";
import { type RuntimeMiddleware, withMiddleware } from "./middleware/order.ts";

/** Dependencies and settings of the application that differ between runtimes. */
export interface RuntimeOptions
  extends Pick<
    AccessControlOptions,
    "hostOf" | "audienceOf" | "tokenLifetime" | "openUntilConfigured" | "requiresIdentity" | "monotonicNow"
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
  const onDefect = (error: unknown, request: HttpRequest) => log(defectLine(error, request, now()));
  const control = createAccessControl({
    ...{ records, now, monotonicNow, log, onDefect, ...accessControl },
    federated: (access) => federatedAuthenticators({ access, now, monotonicNow, stsEndpoint }),
  });
  const app = createApp(registry, { onDefect, admit: control.admit, guard: control.guard });
  return withMiddleware(app, { tokens: control.withTokens, logsRequests, log, now, ...middleware });
}
