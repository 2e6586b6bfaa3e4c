import { AccessContext, bearer } from "./access-context.ts";

export const SCOPE = "repository:acme/app:pull,push";

/** The status of an authorized request: the repository has no tags. */
export const OPENS = 404;

/** Creates a registry whose user alice can pull from and push to `acme/*`. */
export async function createTokensContext(): Promise<{ context: AccessContext; alice: string }> {
  const context = new AccessContext();
  const alice = await context.addUser("alice", { groups: ["devs"] });
  await context.grant("group:devs", "acme/*", "pull,push");
  return { context, alice };
}

/** Returns the status of a request for the tags of a repository with the token. */
export async function statusWith(context: AccessContext, token: string, app = context.app): Promise<number> {
  return (await context.send("GET", "/v2/acme/app/tags/list", { authorization: bearer(token) }, app)).status;
}
