import type { Credentials } from "../clients/registry.ts";
import { find } from "../clients/support/expect.ts";

/** Response of the token service to a client that follows the registry's challenge, authenticated or not. */
export async function askToken(url: string, scope: string, credentials?: Credentials): Promise<Response> {
  const challenged = await fetch(`${url}/v2/`);
  await challenged.body?.cancel();
  const challenge = challenged.headers.get("www-authenticate") ?? "";
  const target = new URL(find(/^Bearer realm="([^"]+)"/, challenge));
  target.searchParams.set("service", find(/service="([^"]+)"/, challenge));
  target.searchParams.set("scope", scope);
  return await fetch(
    target,
    credentials === undefined ? {} : { headers: { authorization: basic(credentials) } },
  );
}

/** @returns the value of a request's Authorization header */
export async function bearer(url: string, scope: string, credentials?: Credentials): Promise<string> {
  const response = await askToken(url, scope, credentials);
  return `Bearer ${find(/"token"\s*:\s*"([^"]+)"/, await response.text())}`;
}

function basic({ username, password }: Credentials): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}`;
}
