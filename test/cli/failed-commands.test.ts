import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer as createTcpServer, type Server } from "node:net";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { withRecords } from "../../lib/cli/storage/access-records.ts";
import { init } from "../../lib/cli/storage/init.ts";
import { type DoctorOptions, diagnose } from "../../lib/doctor/doctor.ts";
import { parseRepositoryName } from "../../lib/oci/repository-name.ts";
import { type ListeningServer, listen } from "../../local-cloud/support/listen.ts";
import { newRegistryFolder } from "../support/folder.ts";
import { openDescriptors, openedSince } from "../support/process/open-descriptors.ts";

let server: ListeningServer;
let before: readonly string[];

beforeEach(async () => {
  server = await listen(createServer(refuseTable));
  before = await openDescriptors();
  vi.stubEnv("AWS_ACCESS_KEY_ID", "AKIATEST");
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", "secret");
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await server.stop();
});

/** Returns 200 for requests to S3, and 403 for requests to DynamoDB. */
function refuseTable({ method }: IncomingMessage, response: ServerResponse): void {
  response.writeHead(method === "POST" ? 403 : 200).end();
}

/** Polls, since the peer of each connection is also in this process and closes its socket later. */
async function expectOpen(...descriptors: readonly string[]): Promise<void> {
  await expect.poll(async () => openedSince(before, await openDescriptors())).toEqual(descriptors);
}

const aws = () => ({ bucket: "images", table: "images", region: "us-east-1" });

describe("a command that fails closes all resources:", () => {
  it("dockless init", async () => {
    const places = { endpointS3: server.url, endpointDynamodb: server.url };
    await expect(init({ ...aws(), ...places })).rejects.toThrow("table images");
    await expectOpen();
  });

  it("an access command on a data folder", async () => {
    const { path, remove } = await newRegistryFolder();
    const work = () => Promise.reject(new Error("no such user"));
    await expect(withRecords({ data: path }, work)).rejects.toThrow("no such user");
    expect(openedSince(before, await openDescriptors())).toEqual([]);
    await remove();
  });

  it("an access command on a table", async () => {
    const place = { data: "", table: "images", region: "us-east-1", endpointDynamodb: server.url };
    const work = withRecords(place, (records) => records.get({ partition: "access", sort: "none" }));
    await expect(work).rejects.toThrow("DynamoDB");
    await expectOpen();
  });

  it("dockless doctor", async () => {
    const onResult: DoctorOptions["onResult"] = ({ name }) => {
      if (name === "ping") throw new Error("cannot print");
    };
    await expect(diagnose(doctorOptions(server.url, { onResult }))).rejects.toThrow("cannot print");
    await expectOpen();
  });
});

it("dockless doctor closes the connection of its first check even if the server does not", async () => {
  const silent: Server = createTcpServer({ allowHalfOpen: true });
  silent.on("connection", (socket) => socket.on("error", () => undefined).resume());
  await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
  before = await openDescriptors();
  const address = silent.address();
  const port = typeof address === "object" ? address?.port : undefined;
  const interruption = new AbortController();
  const onResult: DoctorOptions["onResult"] = ({ name }) => {
    if (name === "tls") interruption.abort();
  };
  const { signal } = interruption;
  await diagnose(doctorOptions(`http://127.0.0.1:${port}`, { onResult, signal }));
  // The remaining descriptor is the server's socket.
  await expectOpen("socket");
  silent.close();
});

function doctorOptions(url: string, changed: Partial<DoctorOptions>): DoctorOptions {
  return {
    base: new URL(url),
    repository: parseRepositoryName("doctor/test"),
    size: 1000,
    timeout: 5,
    now: () => new Date(),
    random: (bytes) => Buffer.alloc(bytes),
    signal: new AbortController().signal,
    onResult: () => undefined,
    onSent: () => undefined,
    ...changed,
  };
}
