import { once } from "node:events";
import type { Server } from "node:http";

/** A server on loopback. */
export interface Listening {
  /** For example `http://127.0.0.1:41234`. */
  readonly url: string;
  readonly port: number;
  /** Ends all connections too. */
  stop(): Promise<void>;
}

/** Starts a server on loopback, with no limit on how long a request takes. @param port 0 is any that is free */
export async function listen(server: Server, port = 0): Promise<Listening> {
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
