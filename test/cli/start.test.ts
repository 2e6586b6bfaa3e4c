import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import { Command, type CommandResult, dockless } from "../support/command.ts";
import { EMPTY_BLOB, index } from "../support/content.ts";
import { startServer } from "../support/server.ts";
import { useFolder } from "../support/use-folder.ts";

const folder = useFolder();
let data: string;

beforeEach(() => {
  data = join(folder.path, "data");
});

describe("dockless serve, once it is ready,", () => {
  it("has printed only how to push an image, with its URL in the last line", async () => {
    const command = new Command(["serve", "--port", "0", "--data", data]);
    try {
      const lines = await readyLines(command);
      const url = /^dockless listening on (http:\/\/127\.0\.0\.1:\d+)$/.exec(lines.at(-1) ?? "")?.[1] ?? "";
      expect(lines.join("\n")).not.toContain("docker login");
      expect(lines.join("\n")).toContain(`docker push ${url.replace("http://", "")}/`);
      expect((await fetch(`${url}/healthz`)).status).toBe(200);
      expect((await fetch(`${url}/v2/`)).status).toBe(200);
      expect(await readyLines(command)).toEqual(lines);
      expect(command.stderr).toBe("");
    } finally {
      await command.kill();
    }
  });

  it("gives every upload session its own UUID", async () => {
    const server = await startServer({ data });
    try {
      const start = async () => await fetch(`${server.url}/v2/a/blobs/uploads/`, { method: "POST" });
      const ids = [await start(), await start()].map(({ headers }) =>
        headers.get("location")?.split("/").at(-1),
      );
      for (const id of ids)
        expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
      expect(new Set(ids).size).toBe(2);
    } finally {
      await server.stop();
    }
  });

  it("rejects manifests with more descriptors than its option allows", async () => {
    const server = await startServer({ data, args: ["--max-descriptors", "1"] });
    try {
      const { bytes, mediaType } = index([EMPTY_BLOB, EMPTY_BLOB]);
      const request = { method: "PUT", body: Buffer.from(bytes), headers: { "content-type": mediaType } };
      const response = await fetch(`${server.url}/v2/a/manifests/latest`, request);
      expect(response.status).toBe(400);
      expect(await response.text()).toContain("2 descriptors exceed the maximum of 1");
    } finally {
      await server.stop();
    }
  });

  it("has printed the login command if there are accounts", async () => {
    await dockless(["init", "--data", data]);
    await dockless(["user", "add", "alice", "--data", data]);
    const command = new Command(["serve", "--port", "0", "--data", data]);
    try {
      const lines = await readyLines(command);
      expect(lines.slice(0, 2)).toEqual([
        "registry ready: push an image with",
        expect.stringMatching(/^ {2}docker login 127\.0\.0\.1:\d+$/),
      ]);
    } finally {
      await command.kill();
    }
  });

  it("has read its settings from environment variables", async () => {
    const command = new Command(["serve"], {
      env: { DOCKLESS_PORT: "0", DOCKLESS_DATA: data, DOCKLESS_LOG: "requests" },
    });
    try {
      const url = (await readyLines(command)).at(-1)?.split(" ").at(-1);
      await fetch(`${url}/v2/`);
      await expect.poll(() => command.stderr).toContain("\n");
      expect(JSON.parse(command.stderr.split("\n")[0] ?? "")).toMatchObject({
        method: "GET",
        path: "/v2/",
        status: 200,
      });
      await expect(startServer({ data })).rejects.toThrow("before it was ready");
    } finally {
      await command.kill();
    }
  });
});

describe("dockless serve fails with a one-line error", () => {
  it("when its port is in use", async () => {
    const other = createServer().listen(0, "127.0.0.1");
    await once(other, "listening");
    const address = other.address();
    const port = String(typeof address === "object" ? address?.port : "");
    try {
      expectRefusal(await dockless(["serve", "--port", port, "--data", data]), [
        `port ${port}`,
        "in use",
        "--port",
      ]);
    } finally {
      other.close();
    }
  });

  it("when its host is not an address of this machine", async () => {
    const args = ["serve", "--port", "0", "--host", "192.0.2.1", "--data", data];
    expectRefusal(await dockless(args), ["192.0.2.1", "--host"]);
  });

  it("when its data folder is a file", async () => {
    await writeFile(data, "");
    expectRefusal(await dockless(["serve", "--port", "0", "--data", data]), [data, "--data"]);
  });

  it("when the parent of its data folder is a file", async () => {
    await writeFile(data, "");
    const below = join(data, "below");
    expectRefusal(await dockless(["serve", "--port", "0", "--data", below]), [below, "--data"]);
  });

  it("when its data folder cannot be created", async () => {
    expectRefusal(await dockless(["serve", "--port", "0", "--data", "/sys/dockless"]), [
      "/sys/dockless",
      "--data",
    ]);
  });

  it("when another process uses its data folder, without disturbing that process", async () => {
    const running = await startServer({ data });
    try {
      expectRefusal(await dockless(["serve", "--port", "0", "--data", data]), [data, "in use", "--data"]);
      expect((await fetch(`${running.url}/v2/`)).status).toBe(200);
    } finally {
      await running.stop();
    }
  });
});

async function readyLines(command: Command): Promise<readonly string[]> {
  await expect.poll(() => command.stdout, { timeout: 10_000 }).toMatch(/listening on .*\n/);
  return command.stdout.trimEnd().split("\n");
}

function expectRefusal({ code, stdout, stderr }: CommandResult, parts: readonly string[]): void {
  expect([code, stdout]).toEqual([1, ""]);
  expect(stderr).toMatch(/^dockless: [^\n]+\n$/);
  for (const part of parts) expect(stderr).toContain(part);
}
