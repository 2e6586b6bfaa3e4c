import type { Credentials } from "../clients/registry.ts";
import { find } from "../clients/support/expect.ts";

/** Requests a token from the service that the registry's challenge names, with or without credentials. */
export async function askToken(url: string, scope: string, credentials?: Credentials): Promise<Response> {
  const response = await fetch(`${url}/v2/`);
  await response.body?.cancel();
  const challenge = response.headers.get("www-authenticate") ?? "";
  const target = new URL(find(/^Bearer realm="([^"]+)"/, challenge));
  target.searchParams.set("service", find(/service="([^"]+)"/, challenge));
  target.searchParams.set("scope", scope);
  return await fetch(
    target,
    credentials === undefined ? {} : { headers: { authorization: basicAuthorization(credentials) } },
  );
}

/** Requests a token. @returns the value of the `Authorization` header */
export async function bearer(url: string, scope: string, credentials?: Credentials): Promise<string> {
  const response = await askToken(url, scope, credentials);
  return `Bearer ${find(/"token"\s*:\s*"([^"]+)"/, await response.text())}`;
}

function basicAuthorization({ username, password }: Credentials): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}`;
}
