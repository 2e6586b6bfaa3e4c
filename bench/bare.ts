import { createReadStream, readFileSync, statSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { parseArgs } from "node:util";

/**
 * Upper bound of node:http: prepared responses from memory, discarded request bodies, and a file sent unchanged. Run as
 * `node bare.ts --port N --responses FILE --blob FILE`.
 */
export interface PreparedResponse {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Chunk size with the best measured throughput of `pipe`: the default of 64 KiB is half as fast. */
const READ_CHUNK_BYTES = 1 << 20;

const { values } = parseArgs({
  options: { port: { type: "string" }, responses: { type: "string" }, blob: { type: "string" } },
});
const blob = values.blob ?? "";
const responses = new Map(
  Object.entries(parseResponses(readFileSync(values.responses ?? "", "utf8"))).map(
    ([key, { headers, body }]) => [key, { headers, body: Buffer.from(body, "base64") }],
  ),
);

const server = createServer((request, response) => {
  const prepared = responses.get(`${request.method} ${request.url}`);
  if (prepared !== undefined) response.writeHead(200, prepared.headers).end(prepared.body);
  else if (request.method === "GET") sendFile(request, response);
  else discardBody(request, response);
});
server.listen(Number(values.port), "127.0.0.1");

function sendFile(request: IncomingMessage, response: ServerResponse): void {
  if (!request.url?.includes("/blobs/")) {
    response.writeHead(200).end();
    return;
  }
  response.writeHead(200, { "content-length": statSync(blob).size });
  createReadStream(blob, { highWaterMark: READ_CHUNK_BYTES }).pipe(response);
}

function discardBody(request: IncomingMessage, response: ServerResponse): void {
  request.resume();
  request.on("end", () => {
    const status = request.method === "PUT" ? 201 : 202;
    response.writeHead(status, { location: "/upload", "content-length": 0 }).end();
  });
}

function parseResponses(text: string): Record<string, PreparedResponse> {
  return JSON.parse(text) as Record<string, PreparedResponse>;
}
