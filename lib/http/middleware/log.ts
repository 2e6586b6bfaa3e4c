import { inspect } from "node:util";
import type { App, HttpRequest } from "../message.ts";

/** One structured line of the log. */
export type LogLine = Readonly<Record<string, string | number | object | undefined>>;

/** Logs each request after its response. Headers (except the user agent) and queries may contain secrets and are not logged. */
export function withRequestLog(app: App, log: (line: LogLine) => void, now: () => Date): App {
  return async (request) => {
    const startedAt = now();
    const response = await app(request);
    log({
      ...lineOf(request, startedAt),
      status: response.status,
      milliseconds: now().getTime() - startedAt.getTime(),
    });
    return response;
  };
}

/** Returns the log line for a defect: a failure caused by neither the client nor the environment. */
export function defectLine(error: unknown, request: HttpRequest, now: Date): LogLine {
  return { level: "error", ...lineOf(request, now), error: inspect(error, { depth: 4 }) };
}

function lineOf({ method, path, headers }: HttpRequest, time: Date): LogLine {
  return {
    time: time.toISOString(),
    method,
    path: path.slice(0, 1024),
    client: headers["user-agent"]?.slice(0, 200),
  };
}
