import { beforeEach, describe, expect, it } from "vitest";
import { AuthenticatorChain, CachingAuthenticator } from "../../lib/auth/authenticators.ts";
import type { Identity } from "../../lib/auth/identity.ts";
import { Clock, clocksOf } from "../support/memory.ts";

let clock: Clock;
let calls: string[];
let identity: Identity | undefined;
let caching: CachingAuthenticator;
beforeEach(() => {
  clock = new Clock();
  calls = [];
  identity = { name: "oidc:job", grantees: [] };
  const authenticate = async (...credentials: readonly (string | undefined)[]) => {
    calls.push(credentials.join(" "));
    return identity;
  };
  caching = new CachingAuthenticator({ authenticate }, clocksOf(clock));
});

describe("the same credentials", () => {
  it("are verified at most once a minute", async () => {
    expect(await caching.authenticate("a", "b", "c")).toBe(identity);
    clock.advance(59.999);
    expect(await caching.authenticate("a", "b", "c")).toBe(identity);
    expect(calls).toHaveLength(1);
    clock.advance(0.001);
    await caching.authenticate("a", "b", "c");
    expect(calls).toHaveLength(2);
  });

  it("are verified again when the identity has expired", async () => {
    identity = { name: "oidc:job", grantees: [], notAfter: new Date(clock.now().getTime() + 1000) };
    await caching.authenticate("a", "b");
    clock.advance(0.999);
    await caching.authenticate("a", "b");
    expect(calls).toHaveLength(1);
    clock.advance(0.001);
    await caching.authenticate("a", "b");
    expect(calls).toHaveLength(2);
  });

  it("of an unknown kind are verified each time, separately from others", async () => {
    for (const [name, password, audience] of [
      ["a", "b"],
      ["a", "c"],
      ["b", "b"],
      ["a", "b", "c"],
    ]) {
      await caching.authenticate(name ?? "", password ?? "", audience);
    }
    expect(calls).toHaveLength(4);
    identity = undefined;
    for (let n = 0; n < 2; n++) expect(await caching.authenticate("x", "y")).toBeUndefined();
    expect(calls).toHaveLength(6);
  });
});

it.each<[string, readonly (string | undefined)[], string | undefined]>([
  ["no authenticator", [], undefined],
  ["two authenticators that do not recognize the credentials", [undefined, undefined], undefined],
  ["a second authenticator that recognizes the credentials", [undefined, "second"], "second"],
  ["two authenticators that recognize the credentials", ["first", "second"], "first"],
])("a chain of %s returns the first identity", async (_, names, expected) => {
  const authenticators = names.map((name) => ({
    authenticate: async () => (name === undefined ? undefined : { name, grantees: [] }),
  }));
  expect((await new AuthenticatorChain(authenticators).authenticate("a", "b"))?.name).toBe(expected);
});
