import type { App } from "../message.ts";
import { withDirectWarning } from "./front.ts";
import { withWholeBodyFirst } from "./half-duplex.ts";
import { withHealth } from "./health.ts";
import { type LogLine, withRequestLog } from "./log.ts";

/** An application around another one. */
export type Middleware = (app: App) => App;

/** Middleware that only some runtimes have. */
export interface RuntimeMiddleware {
  /** Reads each body to its end before an answer is sent, since the runtime forwards no byte of an answer before. */
  readonly readsWholeBodyFirst?: boolean;
  /** Answers `GET /healthz`. */
  readonly answersHealth?: boolean;
  /** Warns clients that begin an upload at API Gateway itself. */
  readonly warnsOfDirectUploads?: boolean;
}

export interface MiddlewareOptions extends RuntimeMiddleware {
  readonly tokens: Middleware;
  readonly logsRequests: boolean;
  readonly log: (line: LogLine) => void;
  now(): Date;
}

/** Puts all middleware around the application, in order. */
export function withMiddleware(app: App, options: MiddlewareOptions): App {
  return middlewareOf(options).reduceRight((inner, wrap) => wrap(inner), app);
}

/**
 * All middleware, from the outside in. The guard is not one of them: it depends on the endpoint, so the application calls
 * it once that is found.
 */
function middlewareOf(options: MiddlewareOptions): readonly Middleware[] {
  const { tokens, log, now } = options;
  return [
    // Outermost, so that no answer of any of the others leaves before the body has been read.
    ...when(options.readsWholeBodyFirst, withWholeBodyFirst),
    // Outside of the log: load balancers ask every few seconds, and their requests say nothing about the registry.
    ...when(options.answersHealth, withHealth),
    // Outside of the application, whose answer it completes. It adds a header, of which the log has none.
    ...when(options.warnsOfDirectUploads, withDirectWarning),
    // Outside of all that can refuse a request, so that what is refused is logged too.
    ...when(options.logsRequests, (app) => withRequestLog(app, log, now)),
    // Innermost: the endpoint is where callers get what the guard inside of the application asks for.
    tokens,
  ];
}

function when(condition: boolean | undefined, middleware: Middleware): readonly Middleware[] {
  return condition === true ? [middleware] : [];
}
