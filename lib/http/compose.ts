import { foreignAuthenticators } from "../auth/foreign.ts";
import type { Registry } from "../registry/registry.ts";
import { createApp } from "./app.ts";
import { type AccessControlOptions, createAccessControl } from "./auth/access-control.ts";
import type { App, HttpRequest } from "./message.ts";
import { defectLine, type LogLine } from "./middleware/log.ts";
import { type RuntimeMiddleware, withMiddleware } from "./middleware/order.ts";

/** In which the homes of the registry differ. */
export interface HomeOptions
  extends Pick<
    AccessControlOptions,
    "hostOf" | "audienceOf" | "tokenLifetime" | "openUntilConfigured" | "monotonicNow" | "secretVerifier"
  > {
  readonly registry: Registry;
  /** Gets lines about requests when they are wanted, and always those about defects, and about who does what. */
  readonly log: (line: LogLine) => void;
  readonly logsRequests: boolean;
  /** An origin at which STS is reached. */
  readonly stsEndpoint: string | undefined;
  readonly middleware?: RuntimeMiddleware;
}

/** The whole application: the registry, who may use it how, the token service, and the log. */
export function composeApp({
  registry,
  log,
  logsRequests,
  stsEndpoint,
  middleware,
  monotonicNow,
  ...rest
}: HomeOptions): App {
  const { records, now } = registry;
  const onDefect = (error: unknown, request: HttpRequest) => log(defectLine(error, request, now()));
  const control = createAccessControl({
    ...{ records, now, monotonicNow, log, onDefect, ...rest },
    foreign: (access) => foreignAuthenticators({ access, now, monotonicNow, stsEndpoint }),
  });
  const app = createApp(registry, { onDefect, guard: control.guard });
  return withMiddleware(app, { tokens: control.withTokens, logsRequests, log, now, ...middleware });
}
