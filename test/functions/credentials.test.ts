import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createRoleCredentials } from "../../functions/credentials.ts";
import { defaultProvider } from "../../functions/environment-credentials.ts";

beforeEach(() => {
  vi.stubEnv("AWS_PROFILE", undefined);
  vi.stubEnv("AWS_CREDENTIAL_EXPIRATION", undefined);
  put("first");
});
afterEach(() => vi.unstubAllEnvs());

function put(session: string): void {
  vi.stubEnv("AWS_ACCESS_KEY_ID", `key-${session}`);
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", `secret-${session}`);
  vi.stubEnv("AWS_SESSION_TOKEN", session);
}

describe.each([
  ["the web function", createRoleCredentials()],
  ["the event functions", defaultProvider()],
])("the credentials of %s", (_, provide) => {
  it("are read for each use when the environment has them without an expiry", async () => {
    expect(await provide()).toMatchObject({ accessKeyId: "key-first", sessionToken: "first" });
    put("second");
    expect(await provide()).toEqual({
      ...{ accessKeyId: "key-second", secretAccessKey: "secret-second", sessionToken: "second" },
    });
  });
});

it("the credentials of the web function carry the expiry that the environment names", async () => {
  const expiration = new Date(Date.now() + 3_600_000);
  vi.stubEnv("AWS_CREDENTIAL_EXPIRATION", expiration.toISOString());
  expect(await createRoleCredentials()()).toMatchObject({ accessKeyId: "key-first", expiration });
});

it("the event functions report which variables are missing", async () => {
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", undefined);
  await expect(defaultProvider()()).rejects.toThrow("AWS_ACCESS_KEY_ID or AWS_SECRET_ACCESS_KEY is missing");
});
