import { expect, it } from "vitest";
import { CredentialsRefusedError } from "../../../lib/auth/authenticator.ts";
import { getCallerIdentity } from "../../../lib/auth/aws/caller-identity.ts";
import { IdentitySourceUnavailableError } from "../../../lib/auth/fetch-bounded.ts";

const PRESIGNED = { host: "sts.eu-central-1.amazonaws.com", parameters: new Map(), expires: new Date(0) };

it.each([
  [499, CredentialsRefusedError],
  [400, CredentialsRefusedError],
  [201, CredentialsRefusedError],
  [429, IdentitySourceUnavailableError],
  [500, IdentitySourceUnavailableError],
  [503, IdentitySourceUnavailableError],
  [200, IdentitySourceUnavailableError],
])("STS that responds with %d and no principal is a %o", async (status, kind) => {
  const fetch = async () => new Response("{}", { status });
  await expect(getCallerIdentity(PRESIGNED, { fetch, audience: "a" })).rejects.toThrow(kind);
});

it("STS that cannot be reached is named by its host", async () => {
  const fetch = () => Promise.reject(new Error("no network"));
  const failed = getCallerIdentity(PRESIGNED, { fetch, audience: "a" });
  await expect(failed).rejects.toThrow("sts.eu-central-1.amazonaws.com: unreachable (no network)");
});
