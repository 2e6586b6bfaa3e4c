import { beforeEach, describe, expect, it } from "vitest";
import { CachingAuthenticator } from "../../lib/auth/authenticators.ts";
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
  it("are verified once a minute", async () => {
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

  it("are verified each time while they are of no known kind, and apart from others", async () => {
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
