import type { Credentials } from "../clients/registry.ts";
import { expectEqual } from "../clients/support/expect.ts";
import { PUBLIC, type TestCredentials } from "./test-identities.ts";
import { requestAuthorization, requestToken } from "./token-requests.ts";

/**
 * Verifies that invalid credentials, among them valid ones for another audience, are rejected, and that valid ones give
 * access to the granted repositories only. @returns figures
 */
export async function expectRejected(url: string, { valid, invalid }: TestCredentials): Promise<string> {
  const response = await requestToken(url, "repository:clients-x/app:pull,push", invalid);
  await response.body?.cancel();
  expectEqual("status of the token service for invalid credentials", response.status, 401);
  expectEqual("status of a push without a grant", await pushStatus(url, "elsewhere/app", valid), 403);
  return "no access with invalid credentials, and none without a grant";
}

/** Verifies that an anonymous client can neither push nor read repositories that are not public. @returns figures */
export async function expectPublicOnly(url: string): Promise<string> {
  expectEqual("status of a push to a public repository", await pushStatus(url, `${PUBLIC}/app`), 401);
  const hidden = await fetch(`${url}/v2/clients-x/app/tags/list`);
  await hidden.body?.cancel();
  expectEqual("status of the tag list of a private repository", hidden.status, 401);
  return "no push, and access to public repositories only";
}

async function pushStatus(url: string, repository: string, credentials?: Credentials): Promise<number> {
  const authorization = await requestAuthorization(url, `repository:${repository}:pull,push`, credentials);
  const target = `${url}/v2/${repository}/blobs/uploads/`;
  const response = await fetch(target, { method: "POST", headers: { authorization } });
  await response.body?.cancel();
  return response.status;
}
