import { type HttpResponse, jsonResponse } from "../message.ts";

/** Handles end-1: docs/request-handling.md#check-the-api-version */
export async function getBase(): Promise<HttpResponse> {
  return jsonResponse(200, {});
}
