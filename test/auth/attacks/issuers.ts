import type { ServerResponse } from "node:http";
import type { IdentitiesContext } from "../identities-context.ts";

/** Responses of an attacker in place of an issuer, to get tokens accepted or to direct requests of the registry elsewhere. */
export interface IssuerAttack {
  readonly attack: string;
  prepare(context: IdentitiesContext): void | Promise<void>;
  readonly why: RegExp;
  /** The paths of all requests that the registry sends. */
  readonly requests: readonly string[];
}

const DISCOVERY = "/.well-known/openid-configuration";
const BOTH = [DISCOVERY, "/jwks"];

const respondingAt =
  (path: string, respond: (response: ServerResponse, context: IdentitiesContext) => void) =>
  (context: IdentitiesContext) => {
    context.issuer.responses.set(path, (response) => respond(response, context));
  };

/** A discovery document with another `jwks_uri`. */
const keysAt = (jwksUri: (context: IdentitiesContext) => unknown) =>
  respondingAt(DISCOVERY, (response, context) =>
    response.end(JSON.stringify({ issuer: context.issuer.url, jwks_uri: jwksUri(context) })),
  );

const named = (issuer: (context: IdentitiesContext) => unknown) =>
  respondingAt(DISCOVERY, (response, context) =>
    response.end(JSON.stringify({ issuer: issuer(context), jwks_uri: `${context.issuer.url}/jwks` })),
  );

const keys = (body: unknown) => respondingAt("/jwks", (response) => response.end(JSON.stringify(body)));

const redirect = (status: number) => (response: ServerResponse) =>
  response.writeHead(status, { location: "http://169.254.169.254/latest/meta-data/" }).end();

/** Sends an endless response as fast as it is read. */
const flood = (response: ServerResponse) => {
  const chunk = Buffer.alloc(64 * 1024, " ");
  const more = () => {
    while (!response.destroyed && response.write(chunk));
  };
  response.on("drain", more);
  more();
};

const drip = (response: ServerResponse) => {
  const timer = setInterval(() => response.write(" "), 20);
  response.on("close", () => clearInterval(timer));
};

/** The same with a timeout of 300 ms. */
const slowly = (prepare: (context: IdentitiesContext) => void) => (context: IdentitiesContext) => {
  context.timeoutMs = 300;
  prepare(context);
};

const ELSEWHERE = /IdentitySourceUnavailableError: .* has a jwks_uri on another host/;
const NOT_FOLLOWED = /IdentitySourceUnavailableError: .* which is not followed/;
const NO_KEYS = /IdentitySourceUnavailableError: .* is not a JSON Web Key Set/;
const OTHER = /IdentitySourceUnavailableError: the discovery document of .* names another issuer/;
const TOO_MUCH = /IdentitySourceUnavailableError: .* longer than 262144 bytes/;
const TOO_SLOW = /IdentitySourceUnavailableError: .* within 300 ms/;

export const ISSUER_ATTACKS: readonly IssuerAttack[] = [
  {
    attack: "with the discovery document of another issuer",
    prepare: named(() => "https://evil.example"),
    why: OTHER,
    requests: [DISCOVERY],
  },
  {
    attack: "with an extra slash in its name",
    prepare: named((context) => `${context.issuer.url}/`),
    why: OTHER,
    requests: [DISCOVERY],
  },
  {
    attack: "without its name in the discovery document",
    prepare: named(() => undefined),
    why: OTHER,
    requests: [DISCOVERY],
  },
  {
    attack: "with keys on another host",
    prepare: keysAt(() => "https://evil.example/jwks"),
    why: ELSEWHERE,
    requests: [DISCOVERY],
  },
  {
    attack: "with keys over plain HTTP",
    prepare: keysAt(() => "http://evil.example/jwks"),
    why: ELSEWHERE,
    requests: [DISCOVERY],
  },
  {
    attack: "with keys at the metadata service",
    prepare: keysAt(() => "http://169.254.169.254/latest/meta-data/"),
    why: ELSEWHERE,
    requests: [DISCOVERY],
  },
  {
    attack: "with keys at another port of its host",
    prepare: keysAt((context) => context.issuer.url.replace(/\d+$/, "1")),
    why: ELSEWHERE,
    requests: [DISCOVERY],
  },
  {
    attack: "with keys in a file",
    prepare: keysAt(() => "file:///etc/passwd"),
    why: ELSEWHERE,
    requests: [DISCOVERY],
  },
  {
    attack: "with keys in the URL itself",
    prepare: keysAt(() => 'data:,{"keys":[]}'),
    why: ELSEWHERE,
    requests: [DISCOVERY],
  },
  {
    attack: "with a user in the URL of the keys",
    prepare: keysAt((context) => `${context.issuer.url.replace("//", "//user@")}/jwks`),
    why: ELSEWHERE,
    requests: [DISCOVERY],
  },
  {
    attack: "with a list of URLs of keys",
    prepare: keysAt((context) => [`${context.issuer.url}/jwks`]),
    why: ELSEWHERE,
    requests: [DISCOVERY],
  },
  {
    attack: "that redirects its discovery document",
    prepare: respondingAt(DISCOVERY, redirect(302)),
    why: NOT_FOLLOWED,
    requests: [DISCOVERY],
  },
  {
    attack: "that redirects its keys",
    prepare: respondingAt("/jwks", redirect(307)),
    why: NOT_FOLLOWED,
    requests: BOTH,
  },
  {
    attack: "with an endless discovery document",
    prepare: respondingAt(DISCOVERY, flood),
    why: TOO_MUCH,
    requests: [DISCOVERY],
  },
  { attack: "with an endless key set", prepare: respondingAt("/jwks", flood), why: TOO_MUCH, requests: BOTH },
  {
    attack: "that does not respond",
    prepare: slowly(respondingAt(DISCOVERY, () => {})),
    why: TOO_SLOW,
    requests: [DISCOVERY],
  },
  {
    attack: "that sends its keys a byte at a time",
    prepare: slowly(respondingAt("/jwks", drip)),
    why: TOO_SLOW,
    requests: BOTH,
  },
  {
    attack: "with HTML as its discovery document",
    prepare: respondingAt(DISCOVERY, (response) => response.end("<html>")),
    why: /not a JSON object/,
    requests: [DISCOVERY],
  },
  {
    attack: "that sends keys with an error status",
    prepare: respondingAt("/jwks", (response, context) =>
      response.writeHead(500).end(JSON.stringify({ keys: context.issuer.keys })),
    ),
    why: /responded with status 500/,
    requests: BOTH,
  },
  {
    attack: "with keys that are not a list",
    prepare: keys({ keys: { kty: "RSA" } }),
    why: NO_KEYS,
    requests: BOTH,
  },
  { attack: "with strings as keys", prepare: keys({ keys: ["RSA"] }), why: NO_KEYS, requests: BOTH },
  {
    attack: "with more than 100 keys",
    prepare: keys({ keys: Array(101).fill({ kty: "RSA" }) }),
    why: NO_KEYS,
    requests: BOTH,
  },
  {
    attack: "with a shared secret as its key",
    prepare: keys({ keys: [{ kty: "oct", k: "c2VjcmV0", kid: "RS256" }] }),
    why: /CredentialsRejectedError/,
    requests: BOTH,
  },
  {
    attack: "with a key for encryption",
    prepare: (context) => {
      context.issuer.keys = context.issuer.keys.map((key) => ({ ...key, use: "enc" }));
    },
    why: /CredentialsRejectedError/,
    requests: BOTH,
  },
  {
    attack: "that is down",
    prepare: async (context) => {
      await context.issuer.stop();
      context.issuer.stop = async () => {};
    },
    why: /IdentitySourceUnavailableError: .* unreachable/,
    requests: [DISCOVERY],
  },
];
