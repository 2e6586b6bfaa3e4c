import { beforeEach, describe, expect, it } from "vitest";
import { removeAccount, rotateAccount } from "../../../lib/auth/accounts/manage-accounts.ts";
import { revoke } from "../../../lib/auth/grants/manage-grants.ts";
import { digestOf } from "../content.ts";
import { AccessContext, basic } from "./access-context.ts";

const BLOB = "layer";
const UPLOADS = "/v2/acme/app/blobs/uploads/";
const UPLOADED = { event: "upload", repository: "acme/app", digest: digestOf(BLOB) };

let context: AccessContext;
beforeEach(() => {
  context = new AccessContext();
});

/** Pushes a blob in both ways, and mounts it. */
async function pushBlobs(authorization: string | undefined): Promise<void> {
  await context.send("POST", `${UPLOADS}?digest=${digestOf(BLOB)}`, { authorization, body: BLOB });
  const { headers } = await context.send("POST", UPLOADS, { authorization });
  await context.send("PUT", `${headers["location"]}?digest=${digestOf(BLOB)}`, { authorization, body: BLOB });
  const mount = `/v2/acme/copy/blobs/uploads/?mount=${digestOf(BLOB)}&from=acme/app`;
  await context.send("POST", mount, { authorization });
}

describe("the audit log", () => {
  it("records uploads and mounts of blobs, with the account and the source", async () => {
    const alice = await context.addUser("alice");
    await context.grant("user:alice", "acme/*", "pull,push");
    await pushBlobs(basic("alice", alice));
    const by = { who: "user:alice", rule: "user:alice acme/*", from: "192.0.2.7" };
    expect(context.lines).toEqual([
      expect.objectContaining({ ...UPLOADED, ...by }),
      expect.objectContaining({ ...UPLOADED, ...by }),
      expect.objectContaining({
        ...{ event: "mount", repository: "acme/copy", source: "acme/app", digest: digestOf(BLOB) },
        ...by,
      }),
    ]);
  });

  it("records changes to a registry without accounts", async () => {
    await pushBlobs(undefined);
    await context.send("DELETE", `/v2/acme/app/blobs/${digestOf(BLOB)}`);
    const events = context.lines.map(({ event, who }) => `${event} by ${who}`);
    expect(events).toEqual(["upload", "upload", "mount", "delete"].map((event) => `${event} by anonymous`));
  });

  it.each([
    ["at the token endpoint", "GET", "/token", "login failed"],
    ["at the API", "GET", "/v2/acme/app/tags/list", "denied"],
  ])("records the name of a rejected sign-in %s", async (_, method, path, event) => {
    await context.addUser("alice");
    await context.send(method, path, { authorization: basic("mallory\n", "guess") });
    expect(context.lines).toMatchObject([{ event, name: "mallory\n" }]);
  });

  it("has the name of a refused sign-in with a form", async () => {
    await context.addUser("alice");
    await context.post({ grant_type: "password", username: "mallory", password: "guess" });
    expect(context.lines).toMatchObject([{ event: "login failed", name: "mallory" }]);
  });

  it("omits a secret that was entered as the name", async () => {
    const secret = await context.addUser("alice");
    await context.send("GET", "/token", { authorization: basic(secret, "alice") });
    await context.send("GET", "/token", { authorization: basic(`eyJ${"a".repeat(200)}`, "x") });
    expect(context.lines).toMatchObject([{ name: "withheld" }, { name: "withheld" }]);
  });

  it.each([
    ["before a line break", (secret: string) => `${secret}\n`],
    ["after the name", (secret: string) => `alice ${secret}`],
    ["after the name and a colon", (secret: string) => `alice:${secret}`],
  ])("has no secret that was entered as part of the name: %s", async (_, join) => {
    const secret = await context.addUser("alice");
    await context.post({ grant_type: "password", username: join(secret), password: "x" });
    expect(context.lines).toMatchObject([{ event: "login failed", name: "withheld" }]);
  });
});

describe("a change of the access configuration by another process", () => {
  /** Reads the configuration as every request without credentials does that may be public. */
  const observe = () => context.send("GET", "/v2/acme/app/tags/list");

  it("is logged once, and the initial configuration is not logged", async () => {
    await context.addUser("alice");
    await observe();
    expect(context.lines).toEqual([]);
    await context.grant("user:alice", "acme/*", "pull");
    await observe();
    await observe();
    const grant = { kind: "grant", name: "user:alice acme/*" };
    expect(context.lines).toMatchObject([{ event: "access", change: "add", ...grant }]);
    expect(context.lines[0]).toMatchObject({ after: { actions: ["pull"] } });
    await revoke(context.memory.records, "user:alice", "acme/*");
    context.settle();
    await observe();
    expect(context.lines[1]).toMatchObject({ event: "access", change: "remove", ...grant });
  });

  it("is logged with the added, rotated and removed accounts", async () => {
    await observe();
    await context.addUser("alice", { groups: ["devs"] });
    await observe();
    const { secret } = await rotateAccount(
      ...([context.memory.records, "user", "alice", { keep: 0, expires: undefined }] as const),
      context.memory.clock.now(),
    );
    context.settle();
    await observe();
    await removeAccount(context.memory.records, "user", "alice");
    context.settle();
    await observe();
    const account = { event: "access", kind: "user", name: "alice" };
    expect(context.lines).toMatchObject([
      { ...account, change: "add", after: { groups: ["devs"] } },
      { ...account, change: "change", after: { secrets: [{}] } },
      { ...account, change: "remove" },
    ]);
    expect(JSON.stringify(context.lines)).not.toMatch(/hmac/);
    expect(JSON.stringify(context.lines)).not.toContain(secret);
  });
});
