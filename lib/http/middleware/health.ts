import { type App, jsonResponse } from "../message.ts";

/** Responds to `GET /healthz` for load balancers and orchestrators: docs/request-handling.md#check-health */
export function withHealth(app: App): App {
  return async (request) =>
    request.path === "/healthz" && request.method === "GET"
      ? jsonResponse(200, { status: "ok" })
      : await app(request);
}
