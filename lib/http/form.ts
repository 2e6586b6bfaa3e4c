import { readBody } from "./body.ts";
import type { HttpRequest } from "./message.ts";

const MAX_BYTES = 64 * 1024;

/** The fields of a form that was sent. @returns undefined when it is none, or too long */
export async function readForm(request: HttpRequest): Promise<URLSearchParams | undefined> {
  const [type] = (request.headers["content-type"] ?? "").split(";");
  if (type?.trim().toLowerCase() !== "application/x-www-form-urlencoded") return undefined;
  const bytes = await readBody(request, MAX_BYTES);
  return bytes && new URLSearchParams(bytes.toString());
}
