import { bodyOf, collectUpTo } from "../ports/body.ts";
import type { HttpRequest } from "./message.ts";

/**
 * Reads the body of a request; a missing one is empty.
 * @param limit bytes
 * @returns undefined when the body or its `Content-Length` exceeds the limit
 */
export async function readBody(
  { headers, body = bodyOf() }: Pick<HttpRequest, "headers" | "body">,
  limit: number,
): Promise<Buffer | undefined> {
  if (Number(headers["content-length"] ?? 0) > limit) return undefined;
  return await collectUpTo(limit, body);
}
