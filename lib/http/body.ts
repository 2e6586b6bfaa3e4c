import { bodyOf, collectUpTo } from "../ports/body.ts";
import type { HttpRequest } from "./message.ts";

/**
 * The whole body of a request, empty when it has none.
 * @param limit bytes
 * @returns undefined when it is longer, or says that it is
 */
export async function readBody(
  { headers, body = bodyOf() }: Pick<HttpRequest, "headers" | "body">,
  limit: number,
): Promise<Buffer | undefined> {
  if (Number(headers["content-length"] ?? 0) > limit) return undefined;
  return await collectUpTo(limit, body);
}
