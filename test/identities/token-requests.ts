import type { Credentials } from "../clients/registry.ts";
import { extractMatch } from "../clients/support/expect.ts";

/** Requests a token from the service that the registry's challenge names, with or without credentials. */
export async function requestToken(url: string, scope: string, credentials?: Credentials): Promise<Response> {
  const response = await fetch(`${url}/v2/`);
  await response.body?.cancel();
  const challenge = response.headers.get("www-authenticate") ?? "";
  const target = new URL(extractMatch(/^Bearer realm="([^"]+)"/, challenge));
  target.searchParams.set("service", extractMatch(/service="([^"]+)"/, challenge));
  target.searchParams.set("scope", scope);
  return await fetch(
    target,
    credentials === undefined ? {} : { headers: { authorization: basicAuthorization(credentials) } },
  );
}

/** Requests a token. @returns the value of the `Authorization` header */
export async function requestAuthorization(
  url: string,
  scope: string,
  credentials?: Credentials,
): Promise<string> {
  const response = await requestToken(url, scope, credentials);
  return `Bearer ${extractMatch(/"token"\s*:\s*"([^"]+)"/, await response.text())}`;
}

function basicAuthorization({ username, password }: Credentials): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}`;
}
