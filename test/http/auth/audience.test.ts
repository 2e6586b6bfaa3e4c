import { expect, it } from "vitest";
import type { Authenticator } from "../../../lib/auth/authenticator.ts";
import { AUTHENTICATED_GRANTEE } from "../../../lib/auth/grants/grantee.ts";
import { createMemoryRegistry } from "../../support/memory.ts";
import { AccessContext, AUDIENCE_HEADER, basic } from "./access-context.ts";

/** A registry with an authenticator that accepts all credentials and records their audiences. */
async function createContext() {
  const audiences: (string | undefined)[] = [];
  const authenticate: Authenticator["authenticate"] = async (name, _password, audience) => {
    audiences.push(audience);
    return { name, grantees: [AUTHENTICATED_GRANTEE] };
  };
  const context = new AccessContext(createMemoryRegistry(), () => [{ authenticate }]);
  await context.grant("authenticated", "**", "pull");
  return { context, audiences };
}

const authorization = basic("role", "credentials");
const sentTo = (audience: string) => ({ authorization, headers: { [AUDIENCE_HEADER]: audience } });

it("authenticates credentials for the host of the request that carries them, even when requests are concurrent", async () => {
  const { context, audiences } = await createContext();
  await Promise.all([
    context.send("GET", "/v2/", sentTo("one.example.com")),
    context.send("GET", "/token", sentTo("two.example.com")),
  ]);
  const fields = { grant_type: "password", username: "role", password: "credentials" };
  await context.post(fields, { [AUDIENCE_HEADER]: "three.example.com" });
  await context.send("GET", "/v2/", { authorization });
  expect(audiences.toSorted()).toEqual([
    "one.example.com",
    "three.example.com",
    "two.example.com",
    undefined,
  ]);
});

it("does not reuse a cached identity for another host", async () => {
  const { context, audiences } = await createContext();
  for (const audience of ["one.example.com", "one.example.com", "two.example.com"]) {
    await context.send("GET", "/v2/", sentTo(audience));
  }
  expect(audiences).toEqual(["one.example.com", "two.example.com"]);
});
