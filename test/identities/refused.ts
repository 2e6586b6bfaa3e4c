import type { Credentials } from "../clients/registry.ts";
import { expectEqual } from "../clients/support/expect.ts";
import { type Person, PUBLIC } from "./people.ts";
import { askToken, bearer } from "./plain.ts";

/** Promise: the same password for another audience grants no access; a valid one grants only the granted access. */
export async function expectRefused(url: string, { good, bad }: Person): Promise<string> {
  const answer = await askToken(url, "repository:clients-x/app:pull,push", bad);
  await answer.body?.cancel();
  expectEqual("status of the token service to a wrong password", answer.status, 401);
  expectEqual("status of a push elsewhere", await pushStatus(url, "elsewhere/app", good), 403);
  return "neither by another password, nor to elsewhere";
}

/** Promise: an anonymous client cannot push, and can see only public repositories. */
export async function expectOnlyPublic(url: string): Promise<string> {
  expectEqual("status of a push to a public repository", await pushStatus(url, `${PUBLIC}/app`), 401);
  const hidden = await fetch(`${url}/v2/clients-x/app/tags/list`);
  await hidden.body?.cancel();
  expectEqual("status of a list of tags that is not public", hidden.status, 401);
  return "no push, and nothing but public repositories";
}

async function pushStatus(url: string, repository: string, credentials?: Credentials): Promise<number> {
  const authorization = await bearer(url, `repository:${repository}:pull,push`, credentials);
  const target = `${url}/v2/${repository}/blobs/uploads/`;
  const response = await fetch(target, { method: "POST", headers: { authorization } });
  await response.body?.cancel();
  return response.status;
}
