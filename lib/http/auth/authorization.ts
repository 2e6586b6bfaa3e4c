import type { HttpRequest } from "../message.ts";

/** The credentials of an Authorization header. */
export type Authorization =
  | { readonly scheme: "none" }
  | { readonly scheme: "basic"; readonly username: string; readonly password: string }
  | { readonly scheme: "bearer"; readonly token: string }
  | { readonly scheme: "unknown" };

const HEADER_PATTERN = /^(basic|bearer) +([A-Za-z0-9\-._~+/]+=*) *$/i;

/**
 * Parses the Authorization header, the only source of credentials.
 * @see https://www.rfc-editor.org/rfc/rfc7617#section-2
 * @see https://www.rfc-editor.org/rfc/rfc6750#section-2.1
 */
export function parseAuthorization({ headers }: HttpRequest): Authorization {
  const header = headers["authorization"];
  if (header === undefined) return { scheme: "none" };
  const [, scheme = "", value = ""] = HEADER_PATTERN.exec(header) ?? [];
  switch (scheme.toLowerCase()) {
    case "basic":
      return parseBasic(value);
    case "bearer":
      return { scheme: "bearer", token: value };
    default:
      return { scheme: "unknown" };
  }
}

function parseBasic(value: string): Authorization {
  const pair = Buffer.from(value, "base64").toString();
  const colon = pair.indexOf(":");
  if (colon === -1) return { scheme: "unknown" };
  return { scheme: "basic", username: pair.slice(0, colon), password: pair.slice(colon + 1) };
}
