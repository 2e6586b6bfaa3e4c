import { readBody } from "./body.ts";
import type { HttpRequest } from "./message.ts";

const MAX_FORM_BYTES = 64 * 1024;

/** Reads the fields of a URL-encoded form. @returns undefined for any other media type, or more than 64 KiB */
export async function readForm(request: HttpRequest): Promise<URLSearchParams | undefined> {
  const [type] = (request.headers["content-type"] ?? "").split(";");
  if (type?.trim().toLowerCase() !== "application/x-www-form-urlencoded") return undefined;
  const bytes = await readBody(request, MAX_FORM_BYTES);
  return bytes && new URLSearchParams(bytes.toString());
}
