import type { IncomingMessage, ServerResponse } from "node:http";

/** How much of a refused body is read on, so that the client gets to read the refusal. */
const LINGER_BYTES = 64 * 1024 * 1024;
const LINGER_MILLISECONDS = 10_000;

/** Refuses with a body in JSON of the form that AWS's front doors have, and closes once the client has had its say. */
export async function refuse(
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
  await readOn(incoming);
  outgoing.end();
}

async function readOn(incoming: IncomingMessage): Promise<void> {
  if (incoming.complete || incoming.destroyed) return;
  const timer = setTimeout(() => incoming.destroy(), LINGER_MILLISECONDS);
  let rest = LINGER_BYTES;
  try {
    for await (const chunk of incoming) {
      rest -= chunk.length;
      if (rest < 0) break;
    }
  } catch {
    // The client is gone.
  } finally {
    clearTimeout(timer);
  }
}
