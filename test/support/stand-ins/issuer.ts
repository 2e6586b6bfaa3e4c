import { createServer, type RequestListener, type ServerResponse } from "node:http";
import { exportJWK, generateKeyPair, type JWTHeaderParameters, type JWTPayload, SignJWT } from "jose";
import { listen } from "../../../local-cloud/support/listen.ts";

type KeyPair = Awaited<ReturnType<typeof generateKeyPair>>;

/** Key pairs by `kid`, cached for the process because generating one takes long. */
const KEY_PAIRS = new Map<string, Promise<KeyPair>>();

function pairOf(kid: string, alg: string): Promise<KeyPair> {
  const pair = KEY_PAIRS.get(kid) ?? generateKeyPair(alg, { extractable: true });
  KEY_PAIRS.set(kid, pair);
  return pair;
}

/** Stand-in for an OIDC issuer on this machine, by default with one key for each of these algorithms. */
export class StandInIssuer {
  /** Published keys. */
  keys: object[] = [];
  /** Responses by path, which tests replace to simulate faults. */
  readonly responses = new Map<string, (response: ServerResponse) => void>();
  /** Requested paths. */
  readonly requestedPaths: string[] = [];
  readonly #pairs = new Map<string, KeyPair>();
  url = "";
  stop = async (): Promise<void> => {};

  static async start(
    algorithms: readonly string[] = ["RS256", "ES256", "PS256", "EdDSA"],
  ): Promise<StandInIssuer> {
    const issuer = new StandInIssuer();
    const { url, stop } = await listen(createServer(issuer.#respond));
    issuer.url = url;
    issuer.stop = stop;
    issuer.responses.set("/.well-known/openid-configuration", (response) =>
      response.end(JSON.stringify({ issuer: issuer.url, jwks_uri: `${issuer.url}/jwks` })),
    );
    issuer.responses.set("/jwks", (response) => response.end(JSON.stringify({ keys: issuer.keys })));
    for (const algorithm of algorithms) await issuer.addKey(algorithm, algorithm);
    return issuer;
  }

  async addKey(kid: string, alg: string): Promise<void> {
    const pair = await pairOf(kid, alg);
    this.#pairs.set(kid, pair);
    this.keys.push({ ...(await exportJWK(pair.publicKey)), kid, alg, use: "sig" });
  }

  removeKey(kid: string): void {
    this.keys = this.keys.filter((key) => !("kid" in key && key.kid === kid));
  }

  /** Signs a token with exactly these claims and the key of this `kid`, independent of the other header fields. */
  async sign(
    claims: JWTPayload,
    kid = "RS256",
    header: Partial<JWTHeaderParameters> = {},
    without: readonly string[] = [],
  ): Promise<string> {
    const pair = this.#pairs.get(kid);
    if (pair === undefined) throw new Error(`no key ${kid}`);
    const whole = { alg: algorithmOf(kid), kid, typ: "JWT", ...header };
    const entries = Object.entries(whole).filter(([name]) => !without.includes(name));
    return await new SignJWT(claims)
      .setProtectedHeader({ alg: whole.alg, ...Object.fromEntries(entries) })
      .sign(pair.privateKey, { crit: Object.fromEntries((header.crit ?? []).map((name) => [name, true])) });
  }

  readonly #respond: RequestListener = ({ url = "" }, response) => {
    this.requestedPaths.push(url);
    const respond = this.responses.get(url);
    if (respond === undefined) response.writeHead(404).end();
    else respond(response);
  };
}

/** Returns the algorithm of a `kid`: `RS256#2` is a second key of RS256. */
function algorithmOf(kid: string): string {
  return kid.replace(/#.*/, "");
}
