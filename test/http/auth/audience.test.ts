import { expect, it } from "vitest";
import type { Authenticator } from "../../../lib/auth/authenticator.ts";
import { AUTHENTICATED_GRANTEE } from "../../../lib/auth/grants/grantee.ts";
import { createMemoryRegistry } from "../../support/memory.ts";
import { AccessLab, AUDIENCE_HEADER, basic } from "./access-lab.ts";

/** A registry with an authenticator that accepts all credentials and records their audiences. */
async function newLab() {
  const audiences: (string | undefined)[] = [];
  const authenticate: Authenticator["authenticate"] = async (name, _password, audience) => {
    audiences.push(audience);
    return { name, grantees: [AUTHENTICATED_GRANTEE] };
  };
  const lab = new AccessLab(createMemoryRegistry(), () => [{ authenticate }]);
  await lab.grant("authenticated", "**", "pull");
  return { lab, audiences };
}

const authorization = basic("role", "credentials");
const sentTo = (audience: string) => ({ authorization, headers: { [AUDIENCE_HEADER]: audience } });

it("authenticates credentials for the host of their own request, even with concurrent requests", async () => {
  const { lab, audiences } = await newLab();
  await Promise.all([
    lab.send("GET", "/v2/", sentTo("one.example.com")),
    lab.send("GET", "/token", sentTo("two.example.com")),
  ]);
  const fields = { grant_type: "password", username: "role", password: "credentials" };
  await lab.post(fields, { [AUDIENCE_HEADER]: "three.example.com" });
  await lab.send("GET", "/v2/", { authorization });
  expect(audiences.toSorted()).toEqual([
    "one.example.com",
    "three.example.com",
    "two.example.com",
    undefined,
  ]);
});

it("does not reuse a cached identity for another host", async () => {
  const { lab, audiences } = await newLab();
  for (const audience of ["one.example.com", "one.example.com", "two.example.com"]) {
    await lab.send("GET", "/v2/", sentTo(audience));
  }
  expect(audiences).toEqual(["one.example.com", "two.example.com"]);
});
