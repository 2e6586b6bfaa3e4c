import type { App } from "../message.ts";
import { withDirectWarning } from "./front.ts";
import { withWholeBodyFirst } from "./half-duplex.ts";
import { withHealth } from "./health.ts";
import { type LogLine, withRequestLog } from "./log.ts";
import { withNoSniff } from "./no-sniff.ts";

/** An application around another one. */
export type Middleware = (app: App) => App;

/** Middleware that only some runtimes have. */
export interface RuntimeMiddleware {
  /** Reads each body to its end before the response is sent, for a runtime that sends no byte of a response earlier. */
  readonly readsWholeBodyFirst?: boolean;
  /** Answers `GET /healthz`. */
  readonly answersHealth?: boolean;
  /** Warns clients that begin an upload at API Gateway itself. */
  readonly warnsOfDirectUploads?: boolean;
}

/** Middleware of all runtimes, and that of one. */
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
  const { tokens, log, now } = options;
  return [
    // Outside everything that sends a response.
    withNoSniff,
    // Outside the rest, so that no other middleware sends a response before the body has been read.
    ...when(options.readsWholeBodyFirst, withWholeBodyFirst),
    // Outside the log, since load balancers check every few seconds.
    ...when(options.answersHealth, withHealth),
    // Outside the log, which contains no response headers: it only adds one.
    ...when(options.warnsOfDirectUploads, withDirectWarning),
    // Outside everything that can reject a request, so that rejected requests are logged too.
    ...when(options.logsRequests, (app) => withRequestLog(app, log, now)),
    // Innermost: it serves the endpoint at which callers get the tokens that the guard inside the application requires.
    tokens,
  ];
}

function when(condition: boolean | undefined, middleware: Middleware): readonly Middleware[] {
  return condition === true ? [middleware] : [];
}
