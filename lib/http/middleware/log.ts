import { inspect } from "node:util";
import type { App, HttpRequest } from "../message.ts";

/** One structured line of a log. */
export type LogLine = Readonly<Record<string, string | number | undefined>>;

/** Tells of each request once it is answered. No header or query is logged, since both may hold secrets. */
export function withRequestLog(app: App, log: (line: LogLine) => void, now: () => Date): App {
  return async (request) => {
    const begun = now();
    const response = await app(request);
    log({
      ...lineOf(request, begun),
      status: response.status,
      milliseconds: now().getTime() - begun.getTime(),
    });
    return response;
  };
}

/** What a log says of a failure that is the registry's own. */
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
