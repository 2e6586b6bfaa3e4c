import type { App } from "../message.ts";
import { withCors } from "./cors.ts";
import { withForwardedClient } from "./forwarded-client.ts";
import { withWholeBodyFirst } from "./half-duplex.ts";
import { withHealth } from "./health.ts";
import { type LogLine, withRequestLog } from "./log.ts";
import { withNoSniff } from "./no-sniff.ts";
import { type OriginSecretOptions, withOriginSecret } from "./origin-secret.ts";

/** Wraps an application in another one. */
export type Middleware = (app: App) => App;

/** Middleware that only some runtimes have. */
export interface RuntimeMiddleware {
  /** Reads each body to its end before responding, for a runtime that does not send a response earlier. */
  readonly readsWholeBodyFirst?: boolean;
  /** Responds to `GET /healthz`. */
  readonly servesHealth?: boolean;
  /** Lets web pages of these origins call the registry; `*` stands for all. */
  readonly corsOrigins?: readonly string[] | undefined;
  /** Takes the address of the client from `X-Forwarded-For`, to which the runtime appends it. */
  readonly forwardsClient?: boolean;
  /** Rejects requests that do not come from CloudFront. */
  readonly originSecret?: OriginSecretOptions;
}

/** Options for the middleware of all runtimes, and of one runtime. */
export interface MiddlewareOptions extends RuntimeMiddleware {
  readonly tokens: Middleware;
  readonly logsRequests: boolean;
  readonly log: (line: LogLine) => void;
  now(): Date;
}

/** Wraps the application in its middleware. */
export function withMiddleware(app: App, options: MiddlewareOptions): App {
  return middlewareOf(options).reduceRight((inner, wrap) => wrap(inner), app);
}

/**
 * Returns the middleware from the outermost to the innermost. The guard is not part of it: it depends on the endpoint, so the
 * application calls it after routing.
 */
function middlewareOf(options: MiddlewareOptions): readonly Middleware[] {
  const { tokens, log, now, originSecret, corsOrigins = [] } = options;
  return [
    // Outside everything that sends a response.
    withNoSniff,
    // Outside the rest, so that no other middleware sends a response before the body has been read.
    ...when(options.readsWholeBodyFirst, withWholeBodyFirst),
    // Outside the log, since load balancers check every few seconds.
    ...when(options.servesHealth, withHealth),
    // Outside everything that can reject a request, so that rejected requests are logged too.
    ...when(options.logsRequests, (app) => withRequestLog(app, log, now)),
    // Outside the origin secret check, which overrides the client's address if the request came through CloudFront.
    ...when(options.forwardsClient, withForwardedClient),
    // Inside health checks, which bypass CloudFront, and outside all endpoints.
    ...(originSecret === undefined ? [] : [(app: App) => withOriginSecret(app, originSecret)]),
    // Outside everything else that can reject a request, so that scripts can read rejections, and preflights need no credentials.
    ...(corsOrigins.length === 0 ? [] : [(app: App) => withCors(app, new Set(corsOrigins))]),
    // Innermost: it serves the endpoint at which callers get the tokens that the guard inside the application requires.
    tokens,
  ];
}

function when(condition: boolean | undefined, middleware: Middleware): readonly Middleware[] {
  return condition === true ? [middleware] : [];
}
