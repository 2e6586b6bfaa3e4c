/** User name and password for a registry. */
export interface Credentials {
  readonly username: string;
  readonly password: string;
}

/** A registry, for plain HTTP requests without a client program. */
export interface RegistryClient {
  readonly url: string;
  /** Host and port, as in image names: `127.0.0.1:5000`. */
  readonly host: string;
  request(method: "GET" | "HEAD", path: string, headers?: Record<string, string>): Promise<Response>;
}

/** Returns a registry whose requests authenticate when they are challenged. */
export function connectRegistry(url: string, credentials?: Credentials): RegistryClient {
  const request: RegistryClient["request"] = async (method, path, headers = {}) => {
    const target = new URL(path, url);
    const response = await fetch(target, { method, headers });
    if (response.status !== 401 || credentials === undefined) return response;
    await response.body?.cancel();
    const authorization = await authorize(response.headers.get("www-authenticate") ?? "", credentials);
    return await fetch(target, { method, headers: { ...headers, authorization } });
  };
  return { url, host: new URL(url).host, request };
}

/** Returns the `Authorization` for a challenge: the credentials for Basic, a token of the realm for Bearer. */
async function authorize(challenge: string, { username, password }: Credentials): Promise<string> {
  const basic = `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}`;
  if (/^basic\b/i.test(challenge)) return basic;
  const parameters = new Map(
    [...challenge.matchAll(/(\w+)="([^"]*)"/g)].map(([, key, value]) => [key, value]),
  );
  const realm = parameters.get("realm");
  if (realm === undefined) throw new Error(`challenge without a realm: ${challenge}`);
  const url = new URL(realm);
  for (const key of ["service", "scope"]) {
    const value = parameters.get(key);
    if (value !== undefined) url.searchParams.set(key, value);
  }
  const response = await fetch(url, { headers: { authorization: basic } });
  const token = /"(?:access_)?token"\s*:\s*"([^"]+)"/.exec(await response.text())?.[1];
  if (token === undefined) throw new Error(`no token from ${url.href}: status ${response.status}`);
  return `Bearer ${token}`;
}
