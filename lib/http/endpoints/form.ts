import { bodyOf } from "../../ports/body.ts";
import type { HttpRequest } from "../message.ts";

const MAX_BYTES = 64 * 1024;

/** The fields of a form that was sent. @returns undefined when it is none, or too long */
export async function readForm({
  headers,
  body = bodyOf(),
}: HttpRequest): Promise<URLSearchParams | undefined> {
  const [type] = (headers["content-type"] ?? "").split(";");
  if (type?.trim().toLowerCase() !== "application/x-www-form-urlencoded") return undefined;
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.length;
    if (size > MAX_BYTES) return undefined;
    chunks.push(Uint8Array.from(chunk));
  }
  return new URLSearchParams(Buffer.concat(chunks).toString());
}
