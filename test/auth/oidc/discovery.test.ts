import { expect, it } from "vitest";
import { fetchKeys } from "../../../lib/auth/oidc/discovery.ts";

const JWKS_URL = "https://issuer.example/jwks";
const ISSUER = { url: "https://issuer.example", audiences: ["registry.example"], jwksUrl: JWKS_URL };
const KEY = { kty: "RSA" };

function fetchFrom(document: unknown) {
  return fetchKeys(ISSUER, { fetch: async () => new Response(JSON.stringify(document)) });
}

it.each<[string, unknown]>([
  ["no keys", { keys: [] }],
  ["100 keys", { keys: Array(100).fill(KEY) }],
])("fetchKeys accepts a key set of %s", async (_, document) => {
  expect(await fetchFrom(document)).toBeInstanceOf(Function);
});

it.each<[string, unknown]>([
  ["101 keys", { keys: Array(101).fill(KEY) }],
  ["a key without kty", { keys: [KEY, {}] }],
  ["null as a key", { keys: [null] }],
  ["no list", {}],
])("fetchKeys rejects a key set of %s", async (_, document) => {
  await expect(fetchFrom(document)).rejects.toThrow(`${JWKS_URL}: the response is not a JSON Web Key Set`);
});
