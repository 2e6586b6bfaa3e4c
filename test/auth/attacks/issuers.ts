import type { ServerResponse } from "node:http";
import type { IdentitiesLab } from "../identities-lab.ts";

/** An issuer, or somebody on the way to it, that wants to be believed, or to lead the registry elsewhere. */
export interface IssuerAttack {
  readonly attack: string;
  prepare(lab: IdentitiesLab): void | Promise<void>;
  readonly why: RegExp;
  /** The only paths that are asked for. */
  readonly asks: readonly string[];
}

const DISCOVERY = "/.well-known/openid-configuration";
const BOTH = [DISCOVERY, "/jwks"];

const answering =
  (path: string, answer: (response: ServerResponse, lab: IdentitiesLab) => void) => (lab: IdentitiesLab) => {
    lab.issuer.answers.set(path, (response) => answer(response, lab));
  };

/** A discovery document that names another place of the keys. */
const keysAt = (jwksUri: (lab: IdentitiesLab) => unknown) =>
  answering(DISCOVERY, (response, lab) =>
    response.end(JSON.stringify({ issuer: lab.issuer.url, jwks_uri: jwksUri(lab) })),
  );

const named = (issuer: (lab: IdentitiesLab) => unknown) =>
  answering(DISCOVERY, (response, lab) =>
    response.end(JSON.stringify({ issuer: issuer(lab), jwks_uri: `${lab.issuer.url}/jwks` })),
  );

const keys = (body: unknown) => answering("/jwks", (response) => response.end(JSON.stringify(body)));

const redirect = (status: number) => (response: ServerResponse) =>
  response.writeHead(status, { location: "http://169.254.169.254/latest/meta-data/" }).end();

/** Sends without end, as fast as it is taken. */
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

/** With a registry that soon has enough of it. */
const slowly = (prepare: (lab: IdentitiesLab) => void) => (lab: IdentitiesLab) => {
  lab.patience = 300;
  prepare(lab);
};

const ELSEWHERE = /IdentitySourceUnavailableError: .* which is not on its own host/;
const NOT_FOLLOWED = /IdentitySourceUnavailableError: .* which is not followed/;
const NO_KEYS = /IdentitySourceUnavailableError: .* no set of keys/;
const OTHER = /IdentitySourceUnavailableError: the discovery document of .* is that of/;
const TOO_MUCH = /IdentitySourceUnavailableError: .* more than 262144 bytes/;
const TOO_SLOW = /IdentitySourceUnavailableError: .* within 300 ms/;

export const ISSUER_ATTACKS: readonly IssuerAttack[] = [
  {
    attack: "that is another's discovery document",
    prepare: named(() => "https://evil.example"),
    why: OTHER,
    asks: [DISCOVERY],
  },
  {
    attack: "named with a slash more",
    prepare: named((lab) => `${lab.issuer.url}/`),
    why: OTHER,
    asks: [DISCOVERY],
  },
  { attack: "that does not name itself", prepare: named(() => undefined), why: OTHER, asks: [DISCOVERY] },
  {
    attack: "with keys on another host",
    prepare: keysAt(() => "https://evil.example/jwks"),
    why: ELSEWHERE,
    asks: [DISCOVERY],
  },
  {
    attack: "with keys over plain HTTP",
    prepare: keysAt(() => "http://evil.example/jwks"),
    why: ELSEWHERE,
    asks: [DISCOVERY],
  },
  {
    attack: "with keys in the cloud's metadata",
    prepare: keysAt(() => "http://169.254.169.254/latest/meta-data/"),
    why: ELSEWHERE,
    asks: [DISCOVERY],
  },
  {
    attack: "with keys at another port of its host",
    prepare: keysAt((lab) => lab.issuer.url.replace(/\d+$/, "1")),
    why: ELSEWHERE,
    asks: [DISCOVERY],
  },
  {
    attack: "with keys in a file",
    prepare: keysAt(() => "file:///etc/passwd"),
    why: ELSEWHERE,
    asks: [DISCOVERY],
  },
  {
    attack: "with keys in the URL itself",
    prepare: keysAt(() => 'data:,{"keys":[]}'),
    why: ELSEWHERE,
    asks: [DISCOVERY],
  },
  {
    attack: "with keys for a user",
    prepare: keysAt((lab) => `${lab.issuer.url.replace("//", "//user@")}/jwks`),
    why: ELSEWHERE,
    asks: [DISCOVERY],
  },
  {
    attack: "with keys at a list of places",
    prepare: keysAt((lab) => [`${lab.issuer.url}/jwks`]),
    why: ELSEWHERE,
    asks: [DISCOVERY],
  },
  {
    attack: "that redirects its discovery document",
    prepare: answering(DISCOVERY, redirect(302)),
    why: NOT_FOLLOWED,
    asks: [DISCOVERY],
  },
  {
    attack: "that redirects its keys",
    prepare: answering("/jwks", redirect(307)),
    why: NOT_FOLLOWED,
    asks: BOTH,
  },
  {
    attack: "whose discovery document has no end",
    prepare: answering(DISCOVERY, flood),
    why: TOO_MUCH,
    asks: [DISCOVERY],
  },
  { attack: "whose keys have no end", prepare: answering("/jwks", flood), why: TOO_MUCH, asks: BOTH },
  {
    attack: "that does not answer",
    prepare: slowly(answering(DISCOVERY, () => {})),
    why: TOO_SLOW,
    asks: [DISCOVERY],
  },
  {
    attack: "whose keys come a byte at a time",
    prepare: slowly(answering("/jwks", drip)),
    why: TOO_SLOW,
    asks: BOTH,
  },
  {
    attack: "whose discovery document is HTML",
    prepare: answering(DISCOVERY, (response) => response.end("<html>")),
    why: /no JSON object/,
    asks: [DISCOVERY],
  },
  {
    attack: "whose answer is an error with keys",
    prepare: answering("/jwks", (response, lab) =>
      response.writeHead(500).end(JSON.stringify({ keys: lab.issuer.keys })),
    ),
    why: /it answers with 500/,
    asks: BOTH,
  },
  { attack: "whose keys are no list", prepare: keys({ keys: { kty: "RSA" } }), why: NO_KEYS, asks: BOTH },
  { attack: "whose keys are texts", prepare: keys({ keys: ["RSA"] }), why: NO_KEYS, asks: BOTH },
  {
    attack: "with more keys than anybody has",
    prepare: keys({ keys: Array(101).fill({ kty: "RSA" }) }),
    why: NO_KEYS,
    asks: BOTH,
  },
  {
    attack: "whose key is a shared secret",
    prepare: keys({ keys: [{ kty: "oct", k: "c2VjcmV0", kid: "RS256" }] }),
    why: /CredentialsRefusedError/,
    asks: BOTH,
  },
  {
    attack: "whose key is for encryption",
    prepare: (lab) => {
      lab.issuer.keys = lab.issuer.keys.map((key) => ({ ...key, use: "enc" }));
    },
    why: /CredentialsRefusedError/,
    asks: BOTH,
  },
  {
    attack: "that is gone",
    prepare: async (lab) => {
      await lab.issuer.stop();
      lab.issuer.stop = async () => {};
    },
    why: /IdentitySourceUnavailableError: .* cannot be reached/,
    asks: [DISCOVERY],
  },
];
