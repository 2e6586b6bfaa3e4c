import { once } from "node:events";
import { mkdir, writeFile } from "node:fs/promises";
import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer } from "node:net";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { formatStartError } from "../../lib/cli/output/failure.ts";
import { type ServeOptions, serve } from "../../lib/cli/serve/serve.ts";
import { type Change, put, remove } from "../../lib/ports/record-store.ts";
import { FORMAT_KEY } from "../../lib/ports/storage-format.ts";
import { openDisk } from "../../lib/storage/disk/open.ts";
import { listen } from "../../local-cloud/support/listen.ts";
import { newFolder } from "../support/folder.ts";
import { openDescriptors, openedSince } from "../support/process/open-descriptors.ts";

interface Refusal {
  readonly when: string;
  readonly message: RegExp;
  /** Causes the failure. @param data path of a data folder that does not exist yet @returns options, and a cleanup function */
  arrange(data: string): Promise<Partial<ServeOptions> & { release?(): Promise<unknown> }>;
}

/** Writes records to a new data folder. */
async function writeRecords(data: string, ...changes: readonly Change[]): Promise<void> {
  const disk = await openDisk(data);
  await disk.records.write(changes);
  await disk.close();
}

const REFUSALS: readonly Refusal[] = [
  {
    when: "its port is in use",
    message: /^dockless: port \d+ on 127\.0\.0\.1 is in use: .*\n$/,
    arrange: async () => {
      const other = createServer().listen(0, "127.0.0.1");
      await once(other, "listening");
      const address = other.address();
      const port = typeof address === "object" ? (address?.port ?? 0) : 0;
      return { port, release: async () => other.close() };
    },
  },
  {
    when: "its host is not an address of this machine",
    message: /^dockless: 192\.0\.2\.1 is not an address/,
    arrange: async () => ({ host: "192.0.2.1", allowAnonymous: true }),
  },
  {
    when: "it is reachable from other machines and there are no accounts",
    message: /^dockless: no accounts exist, and 0\.0\.0\.0 is reachable/,
    arrange: async () => ({ host: "0.0.0.0" }),
  },
  {
    when: "a public URL makes it reachable from other machines and there are no accounts",
    message:
      /^dockless: no accounts exist, and https:\/\/registry\.example\.com .*user add.*--public-url.*--allow-anonymous/,
    arrange: async () => ({ publicUrl: new URL("https://registry.example.com") }),
  },
  {
    when: "its data folder is a file",
    message: /^dockless: .* is not a folder, or contains a file in place of a folder: .*--data\n$/,
    arrange: async (data) => {
      await writeFile(data, "");
      return {};
    },
  },
  {
    when: "its data folder is in use",
    message: /^dockless: the data folder .* is in use/,
    arrange: async (data) => {
      const other = await openDisk(data);
      return { release: () => other.close() };
    },
  },
  {
    when: "its data folder has no storage format",
    message: /^dockless: stored data has no format record, and this version [^\n]*: use [^\n]*\n$/,
    arrange: async (data) => {
      await writeRecords(data, put({ partition: "catalog", sort: "old" }, {}), remove(FORMAT_KEY));
      return {};
    },
  },
  {
    when: "its data folder has a storage format of another version",
    message: /^dockless: stored data has format 7, and this version [^\n]* format 1: use [^\n]*\n$/,
    arrange: async (data) => {
      await writeRecords(data, put(FORMAT_KEY, { format: 7 }));
      return {};
    },
  },
  {
    when: "its folder of records is a file",
    message: /^dockless: .* is not a folder, or contains a file in place of a folder: .*--data\n$/,
    arrange: async (data) => {
      await mkdir(data);
      await writeFile(join(data, "records"), "");
      return {};
    },
  },
  {
    when: "a leftover of an upload cannot be deleted",
    message: /^dockless: .*put-/,
    arrange: async (data) => {
      await mkdir(join(data, "uploads", "put-1", "more"), { recursive: true, mode: 0o700 });
      return {};
    },
  },
];

describe("dockless serve", () => {
  let folder: Awaited<ReturnType<typeof newFolder>>;
  let stderr: string;

  beforeEach(async () => {
    folder = await newFolder();
    stderr = "";
    vi.spyOn(process.stderr, "write").mockImplementation((text) => {
      // Node may print warnings about other test suites.
      if (String(text).startsWith("dockless: ")) stderr += text;
      return true;
    });
    vi.stubEnv("AWS_ACCESS_KEY_ID", "AKIATEST");
    vi.stubEnv("AWS_SECRET_ACCESS_KEY", "secret");
  });
  afterEach(async () => {
    vi.restoreAllMocks();
    vi.unstubAllEnvs();
    await folder.remove();
  });

  it.each(REFUSALS)("closes all resources when $when", async ({ arrange, message }) => {
    const data = join(folder.path, "data");
    const { release, ...changed } = await arrange(data);
    const before = await openDescriptors();
    const listeners = process.listenerCount("SIGTERM");
    const code = await serve({ ...OPTIONS, data, ...changed });
    const left = openedSince(before, await openDescriptors());
    await release?.();
    expect([code, stderr]).toEqual([1, expect.stringMatching(message)]);
    expect(left).toEqual([]);
    expect(process.listenerCount("SIGTERM")).toBe(listeners);
  });

  it("closes all connections when its bucket denies access", async () => {
    const { url, stop } = await listen(createHttpServer(refuseAll));
    const before = await openDescriptors();
    const aws = { bucket: "images", table: "images", region: "us-east-1" };
    const places = { endpointS3: url, endpointDynamodb: url };
    expect(await serve({ ...OPTIONS, data: folder.path, ...aws, ...places })).toBe(1);
    // Polls, since the peer of each connection is also in this process and closes its socket later.
    await expect.poll(async () => openedSince(before, await openDescriptors())).toEqual([]);
    await stop();
    expect(stderr).toMatch(/^dockless: [^\n]*images[^\n]*\n$/);
  });

  it("reports the original error rather than one from the subsequent cleanup", () => {
    const error = new SuppressedError(new Error("close failed"), new Error("the first failure"));
    expect(formatStartError(error, { ...OPTIONS, data: "data" })).toBe("the first failure");
  });
});

function refuseAll(_request: IncomingMessage, response: ServerResponse): void {
  response.writeHead(403).end();
}

const OPTIONS: Omit<ServeOptions, "data"> = {
  port: 0,
  host: "127.0.0.1",
  log: "nothing",
  tokenLifetime: 300,
  trustProxy: ["loopback"],
  redirect: true,
  urlLifetime: 900,
  maxDescriptors: 2000,
};
