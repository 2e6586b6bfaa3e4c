import { expect, it } from "vitest";
import { parseAccessFile } from "../../../lib/auth/access-file/access-file.ts";
import { applyPlan, planAccess } from "../../../lib/auth/access-file/access-plan.ts";
import { OidcAuthenticator } from "../../../lib/auth/oidc/authenticator.ts";
import { loadAccess } from "../../../lib/auth/snapshot.ts";
import { clocksOf, createMemoryRegistry } from "../../support/memory.ts";
import { StandInIssuer } from "../../support/stand-ins/issuer.ts";
import { AccessContext, basic, bearer, HOST } from "./access-context.ts";

const MINUTE = 60;
const SCOPE = "repository:acme/app:pull,push";

async function apply({ memory }: AccessContext, file: object): Promise<void> {
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
  const context = new AccessContext(memory, (access) => [
    new OidcAuthenticator({ fetch, access, ...clocks }),
  ]);
  await apply(context, {
    issuers: [{ url: issuer.url, audiences: [HOST] }],
    oidcRules: [{ name: "main", issuer: issuer.url, claims: { repository: "acme/*" } }],
    grants: [{ subject: "oidc:main", pattern: "acme/**", actions: ["pull", "push"] }],
  });
  const time = Math.floor(memory.clock.now().getTime() / 1000);
  const claims = { iss: issuer.url, aud: HOST, sub: "job", iat: time, exp: time + 5 * MINUTE };
  const password = await issuer.sign({ ...claims, repository: "acme/app" });
  return { context, password };
}

it("a CI job that signs in and pushes twenty minutes later succeeds", async () => {
  const issuer = await StandInIssuer.start();
  try {
    const { context, password } = await newJob(issuer);
    const fields = { grant_type: "password", username: "ci", password, access_type: "offline" };
    const { refresh_token } = JSON.parse((await context.post(fields)).text);
    const resume = () => context.post({ grant_type: "refresh_token", refresh_token, scope: SCOPE });
    context.memory.clock.advance(20 * MINUTE);
    expect((await context.send("GET", "/v2/", { authorization: basic("ci", password) })).status).toBe(401);
    const { access_token, scope, expires_in } = JSON.parse((await resume()).text);
    expect([scope, expires_in]).toEqual([SCOPE, 40 * MINUTE]);
    const authorization = bearer(access_token);
    const begun = await context.send("POST", "/v2/acme/app/blobs/uploads/", { authorization });
    expect(begun.status).toBe(202);
    context.memory.clock.advance(40 * MINUTE);
    expect((await resume()).status).toBe(401);
    const late = { authorization, body: "slow" };
    expect((await context.send("PATCH", begun.headers["location"] ?? "", late)).status).toBe(202);
    expect((await context.send("POST", "/v2/acme/app/blobs/uploads/", { authorization })).status).toBe(401);
  } finally {
    await issuer.stop();
  }
});

it("a CI job is issued no further token after its rule is removed", async () => {
  const issuer = await StandInIssuer.start();
  try {
    const { context, password } = await newJob(issuer);
    const signIn = () =>
      context.post({ grant_type: "password", username: "ci", password, access_type: "offline" });
    const { refresh_token } = JSON.parse((await signIn()).text);
    await apply(context, { grants: [{ subject: "authenticated", pattern: "**", actions: ["pull"] }] });
    expect((await context.post({ grant_type: "refresh_token", refresh_token })).status).toBe(401);
    context.memory.clock.advance(MINUTE);
    expect((await signIn()).status).toBe(401);
  } finally {
    await issuer.stop();
  }
});
