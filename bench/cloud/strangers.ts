import { generateSecret } from "../../lib/auth/accounts/secrets.ts";
import type { LocalCloud } from "./local-cloud.ts";
import type { Measured } from "./prices.ts";
import { expectStatus } from "./traffic.ts";

/** Requests without an account, by title: the path, the expected status, and whether a secret is sent. */
const REQUESTS = {
  "request without credentials": { path: "/v2/", status: 401, hasSecret: false },
  "token without credentials": { path: "/token", status: 200, hasSecret: false },
  "token with an invented secret": { path: "/token", status: 401, hasSecret: true },
} as const;

/** Titles of the measurements. */
export const STRANGER_TITLES = Object.keys(REQUESTS);

/** Measures requests of clients without an account. */
export async function measureStrangers(cloud: LocalCloud, times: number): Promise<readonly Measured[]> {
  const measured: Measured[] = [];
  for (const [title, { path, status, hasSecret }] of Object.entries(REQUESTS)) {
    const usage = await cloud.repeat(times, async () => {
      const headers = hasSecret ? { authorization: inventedCredentials() } : {};
      await (await expectStatus(status, `${cloud.url}${path}`, { headers })).arrayBuffer();
    });
    measured.push({ title, times, usage, units: { reads: 0, writes: 0 }, objects: 0, uploadedBytes: 0 });
  }
  return measured;
}

/** Returns credentials of the right form, so that a hash is computed. No cache has them. */
function inventedCredentials(): string {
  return `Basic ${Buffer.from(`guess:${generateSecret().secret}`).toString("base64")}`;
}
