import { AccessLab, bearer } from "./access-lab.ts";

export const SCOPE = "repository:acme/app:pull,push";

/** The status of an authorized request: the repository has no tags. */
export const OPENS = 404;

/** Creates a registry whose user alice can pull from and push to `acme/*`. */
export async function newTokensLab(): Promise<{ lab: AccessLab; alice: string }> {
  const lab = new AccessLab();
  const alice = await lab.addUser("alice", { groups: ["devs"] });
  await lab.grant("group:devs", "acme/*", "pull,push");
  return { lab, alice };
}

/** Returns the status of a request for the tags of a repository with the token. */
export async function statusWith(lab: AccessLab, token: string, app = lab.app): Promise<number> {
  return (await lab.send("GET", "/v2/acme/app/tags/list", { authorization: bearer(token) }, app)).status;
}
