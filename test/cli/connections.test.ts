import { once } from "node:events";
import { createServer } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { limitConnections, maxConnectionsFor } from "../../lib/cli/serve/connections.ts";
import type { LogLine } from "../../lib/http/middleware/log.ts";
import { dockless } from "../support/command.ts";

let opened: AsyncDisposableStack;
beforeEach(() => {
  opened = new AsyncDisposableStack();
});
afterEach(() => opened.disposeAsync());

/** Starts a server that accepts two connections. */
async function startLimited() {
  const lines: LogLine[] = [];
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  opened.defer(() => void server.close());
  const clocks = { now: () => new Date(), monotonicNow: () => 0 };
  limitConnections(server, { maxConnections: 2, log: (line) => lines.push(line), ...clocks });
  const open = async (): Promise<Socket> => {
    const socket = connect((server.address() as AddressInfo).port, "127.0.0.1");
    opened.defer(() => void socket.destroy());
    await once(socket, "connect");
    return socket;
  };
  return { server, lines, open };
}

describe("the maximum number of connections", () => {
  it("closes further connections, and logs that once", async () => {
    const { server, lines, open } = await startLimited();
    const first = await open();
    await open();
    for (let count = 0; count < 2; count += 1) {
      const further = await open();
      // The server may close or reset it.
      await new Promise((resolve) =>
        further
          .resume()
          .on("error", () => undefined)
          .once("close", resolve),
      );
    }
    expect(lines).toMatchObject([
      { level: "error", error: "too many connections: the limit is 2; raise it with --max-connections" },
    ]);
    first.destroy();
    await expect
      .poll(() => server.listening && new Promise((done) => server.getConnections((_, n) => done(n))))
      .toBe(1);
    const next = await open();
    next.write("GET / HTTP/1.1\r\n\r\n");
    await once(next.resume(), "data");
  });

  it("keeps the process running when no connection can be accepted", async () => {
    const { server, lines } = await startLimited();
    const failure = (code: string) => Object.assign(new Error(`accept ${code}`), { code });
    server.emit("error", failure("EMFILE"));
    server.emit("error", failure("ENFILE"));
    expect(lines).toMatchObject([{ error: "too many open files: no connection can be accepted" }]);
    expect(() => server.emit("error", failure("EINVAL"))).toThrow("accept EINVAL");
  });

  it.each([
    [256, 52],
    [1024, 308],
    [20_000, 6633],
    [1_048_576, 10_000],
    [Number.POSITIVE_INFINITY, 10_000],
    [64, 10],
  ])("with %d open files is %d by default", (openFiles, connections) => {
    expect(maxConnectionsFor(openFiles)).toBe(connections);
  });

  it.each(["0", "-1", "many", "1000000"])("cannot be %s", async (text) => {
    const { stderr } = await dockless(["serve", "--max-connections", text]);
    expect(stderr).toContain("Use a number from 1 to 999999.");
  });
});
