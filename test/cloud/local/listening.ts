import { once } from "node:events";
import type { Server } from "node:http";

/** A part of the cloud that listens on loopback. */
export interface Listening {
  readonly port: number;
  stop(): Promise<void>;
}

/** @param port 0 is any that is free */
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
  return { port: address.port, stop };
}
