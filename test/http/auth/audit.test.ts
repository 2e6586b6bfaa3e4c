import { beforeEach, describe, expect, it } from "vitest";
import { removeAccount, rotateAccount } from "../../../lib/auth/accounts/manage-accounts.ts";
import { revoke } from "../../../lib/auth/grants/manage-grants.ts";
import { digestOf } from "../content.ts";
import { AccessLab, basic } from "./access-lab.ts";

const BLOB = "layer";
const UPLOADS = "/v2/acme/app/blobs/uploads/";
const UPLOADED = { event: "upload", repository: "acme/app", digest: digestOf(BLOB) };

let lab: AccessLab;
beforeEach(() => {
  lab = new AccessLab();
});

/** Pushes a blob in both ways, and mounts it. */
async function pushBlobs(authorization: string | undefined): Promise<void> {
  await lab.send("POST", `${UPLOADS}?digest=${digestOf(BLOB)}`, { authorization, body: BLOB });
  const { headers } = await lab.send("POST", UPLOADS, { authorization });
  await lab.send("PUT", `${headers["location"]}?digest=${digestOf(BLOB)}`, { authorization, body: BLOB });
  const mount = `/v2/acme/copy/blobs/uploads/?mount=${digestOf(BLOB)}&from=acme/app`;
  await lab.send("POST", mount, { authorization });
}

describe("the audit log", () => {
  it("has uploads and mounts of blobs, with the account and the source", async () => {
    const alice = await lab.addUser("alice");
    await lab.grant("user:alice", "acme/*", "pull,push");
    await pushBlobs(basic("alice", alice));
    const by = { who: "user:alice", rule: "user:alice acme/*", from: "192.0.2.7" };
    expect(lab.lines).toEqual([
      expect.objectContaining({ ...UPLOADED, ...by }),
      expect.objectContaining({ ...UPLOADED, ...by }),
      expect.objectContaining({
        ...{ event: "mount", repository: "acme/copy", source: "acme/app", digest: digestOf(BLOB) },
        ...by,
      }),
    ]);
  });

  it("has changes without accounts as well", async () => {
    await pushBlobs(undefined);
    await lab.send("DELETE", `/v2/acme/app/blobs/${digestOf(BLOB)}`);
    const events = lab.lines.map(({ event, who }) => `${event} by ${who}`);
    expect(events).toEqual(["upload", "upload", "mount", "delete"].map((event) => `${event} by anonymous`));
  });

  it.each([
    ["at the token endpoint", "GET", "/token", "login failed"],
    ["at the API", "GET", "/v2/acme/app/tags/list", "denied"],
  ])("has the name of a refused sign-in %s", async (_, method, path, event) => {
    await lab.addUser("alice");
    await lab.send(method, path, { authorization: basic("mallory\n", "guess") });
    expect(lab.lines).toMatchObject([{ event, name: "mallory\n" }]);
  });

  it("has the name of a refused sign-in with a form", async () => {
    await lab.addUser("alice");
    await lab.post({ grant_type: "password", username: "mallory", password: "guess" });
    expect(lab.lines).toMatchObject([{ event: "login failed", name: "mallory" }]);
  });

  it("has no secret that was entered as the name", async () => {
    const secret = await lab.addUser("alice");
    await lab.send("GET", "/token", { authorization: basic(secret, "alice") });
    await lab.send("GET", "/token", { authorization: basic(`eyJ${"a".repeat(200)}`, "x") });
    expect(lab.lines).toMatchObject([{ name: "withheld" }, { name: "withheld" }]);
  });
});

describe("a change of the access configuration by another process", () => {
  /** Reads the configuration as every request without credentials does that may be public. */
  const observe = () => lab.send("GET", "/v2/acme/app/tags/list");

  it("is in the audit log once, and the state at the start is not", async () => {
    await lab.addUser("alice");
    await observe();
    expect(lab.lines).toEqual([]);
    await lab.grant("user:alice", "acme/*", "pull");
    await observe();
    await observe();
    const grant = { kind: "grant", name: "user:alice acme/*" };
    expect(lab.lines).toMatchObject([{ event: "access", change: "add", ...grant }]);
    expect(lab.lines[0]).toMatchObject({ after: { actions: ["pull"] } });
    await revoke(lab.memory.records, "user:alice", "acme/*");
    lab.settle();
    await observe();
    expect(lab.lines[1]).toMatchObject({ event: "access", change: "remove", ...grant });
  });

  it("names added, rotated and removed accounts", async () => {
    await observe();
    await lab.addUser("alice", { groups: ["devs"] });
    await observe();
    const { secret } = await rotateAccount(
      ...([lab.memory.records, "user", "alice", { keep: 0, expires: undefined }] as const),
      lab.memory.clock.now(),
    );
    lab.settle();
    await observe();
    await removeAccount(lab.memory.records, "user", "alice");
    lab.settle();
    await observe();
    const account = { event: "access", kind: "user", name: "alice" };
    expect(lab.lines).toMatchObject([
      { ...account, change: "add", after: { groups: ["devs"] } },
      { ...account, change: "change", after: { secrets: [{}] } },
      { ...account, change: "remove" },
    ]);
    expect(JSON.stringify(lab.lines)).not.toMatch(/scrypt/);
    expect(JSON.stringify(lab.lines)).not.toContain(secret);
  });
});
