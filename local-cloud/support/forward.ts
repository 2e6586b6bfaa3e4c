import { Agent, type IncomingMessage, request, type ServerResponse } from "node:http";
import type { Readable } from "node:stream";

/** Request properties required for forwarding. */
export type Forwardable = Pick<IncomingMessage, "method" | "url" | "rawHeaders" | "complete"> & Readable;

const agent = new Agent({ keepAlive: true });

/**
 * Forwards a request unchanged, including its Host header, which signatures cover.
 * @returns the server's response, as soon as its headers have arrived; rejects when the connection breaks earlier
 */
export async function forward(incoming: Forwardable, target: string): Promise<IncomingMessage> {
  const { hostname: host, port } = new URL(target);
  const { method, url: path, rawHeaders } = incoming;
  return await new Promise((resolve, reject) => {
    const outgoing = request({ host, port, method, path, headers: rawHeaders, agent });
    outgoing.on("error", reject);
    outgoing.on("response", resolve);
    incoming.on("error", () => outgoing.destroy());
    incoming.on("close", () => incoming.complete || outgoing.destroy());
    incoming.pipe(outgoing);
  });
}

/** Relays a response. @returns whether the complete response was received and sent */
export async function relayResponse(response: IncomingMessage, outgoing: ServerResponse): Promise<boolean> {
  outgoing.writeHead(response.statusCode ?? 502, response.rawHeaders);
  return await new Promise((resolve) => {
    response.on("error", () => outgoing.destroy());
    outgoing.on("error", () => response.destroy());
    outgoing.on("close", () => {
      if (!response.complete) response.destroy();
      resolve(response.complete && outgoing.writableFinished);
    });
    response.pipe(outgoing);
  });
}
