import { expect, it } from "vitest";
import { CredentialsRejectedError } from "../../../lib/auth/authenticator.ts";
import { getCallerIdentity } from "../../../lib/auth/aws/caller-identity.ts";
import { IdentitySourceUnavailableError } from "../../../lib/auth/fetch-bounded.ts";

const PRESIGNED = { host: "sts.eu-central-1.amazonaws.com", parameters: new Map(), expiresAt: new Date(0) };

it.each([
  [499, CredentialsRejectedError],
  [400, CredentialsRejectedError],
  [201, CredentialsRejectedError],
  [429, IdentitySourceUnavailableError],
  [500, IdentitySourceUnavailableError],
  [503, IdentitySourceUnavailableError],
  [200, IdentitySourceUnavailableError],
])("a response of STS with status %d and no principal causes %o", async (status, kind) => {
  const fetch = async () => new Response("{}", { status });
  await expect(getCallerIdentity(PRESIGNED, { fetch, audience: "a" })).rejects.toThrow(kind);
});

it("an unreachable STS is reported with its host", async () => {
  const fetch = () => Promise.reject(new Error("no network"));
  const failed = getCallerIdentity(PRESIGNED, { fetch, audience: "a" });
  await expect(failed).rejects.toThrow("sts.eu-central-1.amazonaws.com: unreachable (no network)");
});
