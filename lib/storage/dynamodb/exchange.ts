import type { Agent, ClientRequest, IncomingMessage, OutgoingHttpHeaders } from "node:http";

/** Idle timeout: DynamoDB responds within milliseconds or not at all. */
const IDLE_TIMEOUT_MILLISECONDS = 3000;

/** Maximum number of connections: calls are short, so further calls can wait for a free connection. */
const MAX_CONNECTIONS = 200;

/** Complete HTTP response. */
export interface HttpResponse {
  readonly status: number;
  readonly text: string;
}

/** Pool of persistent connections to one origin. */
export interface Connections {
  /** @throws a `node:http` error, or an error named TimeoutError, when there is no complete response */
  post(headers: OutgoingHttpHeaders, body: string): Promise<HttpResponse>;
  /** Closes all connections. */
  close(): void;
}

/** Creates the pool; the first request opens the first connection. */
export async function createConnections({ protocol, hostname, port }: URL): Promise<Connections> {
  const { Agent, request } = protocol === "https:" ? await import("node:https") : await import("node:http");
  const agent: Agent = new Agent({ keepAlive: true, maxSockets: MAX_CONNECTIONS });
  const options = {
    ...{ protocol, port, method: "POST", path: "/", agent },
    // A URL encloses IPv6 addresses in brackets.
    hostname: hostname.replace(/^\[|\]$/g, ""),
    // Idle timeout: applies while connecting, and between any two bytes.
    timeout: IDLE_TIMEOUT_MILLISECONDS,
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

/** Closes all idle connections: after a suspension of the process all may be dead, and each would fail one attempt. */
function closeIdle(agent: Agent): void {
  for (const socket of Object.values(agent.freeSockets).flat()) socket?.destroy();
}

function exchange(request: ClientRequest, body: string): Promise<HttpResponse> {
  return new Promise((resolve, reject) => {
    request.on("timeout", () => request.destroy(createTimeoutError()));
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

function createTimeoutError(): Error {
  return Object.assign(new Error(`DynamoDB sent no data for ${IDLE_TIMEOUT_MILLISECONDS} ms`), {
    name: "TimeoutError",
  });
}
