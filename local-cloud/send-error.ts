import type { IncomingMessage, ServerResponse } from "node:http";

/** Maximum number of bytes of a rejected body that are read and discarded, so that the client can read the response. */
const MAX_DISCARDED_BYTES = 64 * 1024 * 1024;
const MAX_DISCARD_MILLISECONDS = 10_000;

/** Sends a JSON error in the format of AWS's gateways, and closes the connection after the client has sent its body. */
export async function sendError(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  status: number,
  message: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<void> {
  if (outgoing.headersSent || outgoing.destroyed) {
    outgoing.destroy();
    return;
  }
  const body = JSON.stringify({ message });
  const isHead = incoming.method === "HEAD";
  const length = { "content-type": "application/json", "content-length": Buffer.byteLength(body) };
  outgoing.writeHead(status, { ...length, connection: "close", ...headers });
  if (!isHead) outgoing.write(body);
  await discardBody(incoming);
  outgoing.end();
}

async function discardBody(incoming: IncomingMessage): Promise<void> {
  if (incoming.complete || incoming.destroyed) return;
  const timer = setTimeout(() => incoming.destroy(), MAX_DISCARD_MILLISECONDS);
  let rest = MAX_DISCARDED_BYTES;
  try {
    for await (const chunk of incoming) {
      rest -= chunk.length;
      if (rest < 0) break;
    }
  } catch {
    // The client has disconnected.
  } finally {
    clearTimeout(timer);
  }
}
