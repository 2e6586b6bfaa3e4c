import { AccessLab, bearer } from "./access-lab.ts";

export const SCOPE = "repository:acme/app:pull,push";

/** What a token that is good gets: there are no tags. */
export const OPENS = 404;

/** A registry at which a user, alice, may pull from and push to `acme/*`. */
export async function newTokensLab(): Promise<{ lab: AccessLab; alice: string }> {
  const lab = new AccessLab();
  const alice = await lab.addUser("alice", { groups: ["devs"] });
  await lab.grant("group:devs", "acme/*", "pull,push");
  return { lab, alice };
}

/** Whether the token opens the repository's tags. */
export async function statusWith(lab: AccessLab, token: string, app = lab.app): Promise<number> {
  return (await lab.send("GET", "/v2/acme/app/tags/list", { authorization: bearer(token) }, app)).status;
}
