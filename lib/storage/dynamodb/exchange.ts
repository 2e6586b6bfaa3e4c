import type { Agent, ClientRequest, IncomingMessage, OutgoingHttpHeaders } from "node:http";

/** Milliseconds of silence: DynamoDB answers at once or not at all. */
const TIMEOUT = 3000;

/** Calls are short, and may wait for one another. */
const CONNECTIONS = 200;

export interface Answer {
  readonly status: number;
  readonly text: string;
}

/** Connections to one origin, which are kept for further requests. */
export interface Connections {
  /** @throws what `node:http` throws, or an error named TimeoutError, when there is no whole answer */
  post(headers: OutgoingHttpHeaders, body: string): Promise<Answer>;
  close(): void;
}

/** Opens nothing before the first request. */
export async function connectionsTo({ protocol, hostname, port }: URL): Promise<Connections> {
  const { Agent, request } = protocol === "https:" ? await import("node:https") : await import("node:http");
  const agent: Agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
  const options = {
    ...{ protocol, port, method: "POST", path: "/", agent },
    // A URL has IPv6 addresses in brackets.
    hostname: hostname.replace(/^\[|\]$/g, ""),
    // Of silence: while connecting, and between any two bytes.
    timeout: TIMEOUT,
  };
  return {
    post: async (headers, body) => {
      const sent = request({ ...options, headers });
      try {
        return await exchange(sent, body);
      } catch (error) {
        if (sent.reusedSocket) closeIdle(agent);
        throw error;
      }
    },
    close: () => agent.destroy(),
  };
}

/** After a pause of the process all of them may be dead, and each would cost a try. */
function closeIdle(agent: Agent): void {
  for (const socket of Object.values(agent.freeSockets).flat()) socket?.destroy();
}

function exchange(request: ClientRequest, body: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    request.on("timeout", () => request.destroy(silence()));
    request.on("error", reject);
    request.on("response", (response: IncomingMessage) => {
      const chunks: Buffer[] = [];
      response.on("error", reject);
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("end", () =>
        resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString() }),
      );
    });
    request.end(body);
  });
}

function silence(): Error {
  return Object.assign(new Error(`DynamoDB has sent nothing for ${TIMEOUT} ms`), { name: "TimeoutError" });
}
