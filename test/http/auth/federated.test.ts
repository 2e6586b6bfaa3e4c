import { expect, it } from "vitest";
import { parseAccessFile } from "../../../lib/auth/access-file/access-file.ts";
import { applyPlan, planAccess } from "../../../lib/auth/access-file/access-plan.ts";
import { OidcAuthenticator } from "../../../lib/auth/oidc/authenticator.ts";
import { loadAccess } from "../../../lib/auth/snapshot.ts";
import { clocksOf, createMemoryRegistry } from "../../support/memory.ts";
import { StandInIssuer } from "../../support/stand-ins/issuer.ts";
import { AccessLab, basic, bearer, HOST } from "./access-lab.ts";

const MINUTE = 60;
const SCOPE = "repository:acme/app:pull,push";

async function apply({ memory }: AccessLab, file: object): Promise<void> {
  const now = () => memory.clock.now();
  const none = { create: false, pruneAccounts: false };
  const steps = planAccess(await loadAccess(memory.records), parseAccessFile(file), none);
  await applyPlan(memory.records, steps, { now, onSecret: () => undefined });
  memory.clock.advance(3);
}

/** Creates a job with an OIDC token that is valid for five minutes. */
async function newJob(issuer: StandInIssuer) {
  const memory = createMemoryRegistry();
  const clocks = clocksOf(memory.clock);
  const lab = new AccessLab(memory, (access) => [new OidcAuthenticator({ fetch, access, ...clocks })]);
  await apply(lab, {
    issuers: [{ url: issuer.url, audiences: [HOST] }],
    oidcRules: [{ name: "main", issuer: issuer.url, claims: { repository: "acme/*" } }],
    grants: [{ subject: "oidc:main", pattern: "acme/**", actions: ["pull", "push"] }],
  });
  const time = Math.floor(memory.clock.now().getTime() / 1000);
  const claims = { iss: issuer.url, aud: HOST, sub: "job", iat: time, exp: time + 5 * MINUTE };
  const password = await issuer.sign({ ...claims, repository: "acme/app" });
  return { lab, password };
}

it("a job that authenticates, builds for twenty minutes and then pushes succeeds", async () => {
  const issuer = await StandInIssuer.start();
  try {
    const { lab, password } = await newJob(issuer);
    const fields = { grant_type: "password", username: "ci", password, access_type: "offline" };
    const { refresh_token } = JSON.parse((await lab.post(fields)).text);
    const resume = () => lab.post({ grant_type: "refresh_token", refresh_token, scope: SCOPE });
    lab.memory.clock.advance(20 * MINUTE);
    expect((await lab.send("GET", "/v2/", { authorization: basic("ci", password) })).status).toBe(401);
    const { access_token, scope, expires_in } = JSON.parse((await resume()).text);
    expect([scope, expires_in]).toEqual([SCOPE, 40 * MINUTE]);
    const authorization = bearer(access_token);
    const begun = await lab.send("POST", "/v2/acme/app/blobs/uploads/", { authorization });
    expect(begun.status).toBe(202);
    lab.memory.clock.advance(40 * MINUTE);
    expect((await resume()).status).toBe(401);
    const late = { authorization, body: "slow" };
    expect((await lab.send("PATCH", begun.headers["location"] ?? "", late)).status).toBe(202);
    expect((await lab.send("POST", "/v2/acme/app/blobs/uploads/", { authorization })).status).toBe(401);
  } finally {
    await issuer.stop();
  }
});

it("a job is issued no token after its rule is removed", async () => {
  const issuer = await StandInIssuer.start();
  try {
    const { lab, password } = await newJob(issuer);
    const signIn = () =>
      lab.post({ grant_type: "password", username: "ci", password, access_type: "offline" });
    const { refresh_token } = JSON.parse((await signIn()).text);
    await apply(lab, { grants: [{ subject: "authenticated", pattern: "**", actions: ["pull"] }] });
    expect((await lab.post({ grant_type: "refresh_token", refresh_token })).status).toBe(401);
    lab.memory.clock.advance(MINUTE);
    expect((await signIn()).status).toBe(401);
  } finally {
    await issuer.stop();
  }
});
