import { once } from "node:events";
import type { Server } from "node:http";

/** A server that listens on loopback. */
export interface ListeningServer {
  /** URL, for example `http://127.0.0.1:41234`. */
  readonly url: string;
  readonly port: number;
  /** Stops the server and closes all connections. */
  stop(): Promise<void>;
}

/** Starts a server on loopback without a request timeout. @param port 0 selects a free port */
export async function listen(server: Server, port = 0): Promise<ListeningServer> {
  server.requestTimeout = 0;
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("a server without a port");
  const stop = async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  return { url: `http://127.0.0.1:${address.port}`, port: address.port, stop };
}
