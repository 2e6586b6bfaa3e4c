import { describe, expect, it } from "vitest";
import { hostPolicyOf } from "../../functions/direct-push.ts";
import type { HttpRequest } from "../../lib/http/message.ts";

const OWN = "bcdfghjklmnpqrst.b7t.lambda-web.us-east-1.on.aws";
const EDGE = "registry.example.com";

function requestWith(headers: HttpRequest["headers"]): HttpRequest {
  return { method: "GET", path: "/v2/", query: "", headers: { host: OWN, ...headers }, body: undefined };
}

const direct = requestWith({});
const throughEdge = requestWith({ "x-dockless-host": EDGE });

describe("the web function with direct pushes", () => {
  const policy = hostPolicyOf({ DOCKLESS_DIRECT_PUSH: "true" });

  it("uses its own hostname for direct requests in realms, tokens and passwords of AWS principals", () => {
    expect(policy.hostOf(direct)).toEqual({ host: OWN, origin: `https://${OWN}` });
    expect(policy.audienceOf(direct)).toBe(OWN);
    expect(policy.requiresIdentity(direct)).toBe(true);
    expect(policy.acceptsDirect).toBe(true);
  });

  it("does not take the host of a direct request from a header that API Gateway would set", () => {
    const request = requestWith({ "x-dockless-registry": EDGE });
    expect(policy.hostOf(request)?.host).toBe(OWN);
    expect(policy.audienceOf(request)).toBe(OWN);
    expect(policy.requiresIdentity(request)).toBe(true);
  });

  it("has the hostname of the CloudFront distribution for requests through it, which may be anonymous", () => {
    expect(policy.hostOf(throughEdge)?.host).toBe(EDGE);
    expect(policy.audienceOf(throughEdge)).toBeUndefined();
    expect(policy.requiresIdentity(throughEdge)).toBe(false);
  });
});

describe.each([[{}], [{ DOCKLESS_DIRECT_PUSH: "false" }]])("the web function with %j", (env) => {
  const policy = hostPolicyOf(env);

  it("trusts no host for the passwords of AWS principals", () => {
    expect(policy.audienceOf(direct)).toBeUndefined();
    expect(policy.audienceOf(throughEdge)).toBeUndefined();
  });

  it("accepts only requests from the distribution", () => {
    expect(policy.acceptsDirect).toBe(false);
    expect(policy.hostOf(throughEdge)?.host).toBe(EDGE);
    expect(policy.requiresIdentity(direct)).toBe(false);
  });
});
