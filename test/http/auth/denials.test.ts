import { beforeAll, describe, expect, it } from "vitest";
import { ERROR_CODES } from "../../../lib/oci/errors.ts";
import { AccessContext, basic, HOST, type Sent } from "./access-context.ts";

let context: AccessContext;
let alice: string;

beforeAll(async () => {
  context = new AccessContext();
  alice = basic("alice", await context.addUser("alice"));
  await context.grant("user:alice", "acme/**", "pull");
});

function errorOf({ text }: Sent): unknown {
  return JSON.parse(text).errors[0];
}

describe("a denied push", () => {
  it("names the account, the action and the repository", async () => {
    const denied = await context.send("POST", "/v2/acme/app/blobs/uploads/", { authorization: alice });
    expect(denied.status).toBe(403);
    expect(errorOf(denied)).toEqual({
      code: "DENIED",
      message: "access denied: no grant allows user:alice to push to acme/app",
      detail: { type: "repository", name: "acme/app", action: "push" },
    });
  });

  it("returns the same response for a missing repository", async () => {
    const denied = await context.send("POST", "/v2/acme/none/blobs/uploads/", { authorization: alice });
    expect(errorOf(denied)).toMatchObject({ detail: { name: "acme/none" } });
  });
});

describe("a challenge", () => {
  it("names the host, the action and the repository", async () => {
    const challenged = await context.send("GET", "/v2/acme/app/manifests/latest");
    expect(challenged.status).toBe(401);
    expect(errorOf(challenged)).toEqual({
      code: "UNAUTHORIZED",
      message: `authentication required: sign in to ${HOST} to pull from acme/app`,
      detail: { type: "repository", name: "acme/app", action: "pull" },
    });
  });

  it("names only the host when the request names no repository", async () => {
    expect(errorOf(await context.send("GET", "/v2/"))).toEqual({
      code: "UNAUTHORIZED",
      message: `authentication required: sign in to ${HOST}`,
    });
  });
});

it.each(["UNAUTHORIZED", "DENIED"] as const)(
  "%s is never returned with its default message",
  async (code) => {
    const responses = [
      await context.send("POST", "/v2/acme/app/blobs/uploads/", { authorization: alice }),
      await context.send("GET", "/v2/"),
      await context.send("GET", "/v2/acme/app/tags/list"),
    ];
    for (const response of responses) expect(response.text).not.toContain(`"${ERROR_CODES[code].message}"`);
  },
);
