import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, it } from "vitest";
import { parseResponse, type ReceivedResponse } from "../../support/client.ts";
import { digestOf, sampleBytes } from "../content.ts";
import { pushBlob } from "../push.ts";
import { forEachBackend } from "../test-context.ts";

/** Malformed HTTP that follows a request on its connection. */
const MALFORMED = [
  { what: "a line that is not a request", bytes: "nonsense\r\n\r\n" },
  { what: "a megabyte that is not a request", bytes: "nonsense".repeat(131_072) },
  {
    what: "a request with a malformed body",
    bytes: `POST /v2/a/blobs/uploads/ HTTP/1.1\r\nHost: registry\r\nTransfer-Encoding: chunked\r\n\r\nnonsense`,
  },
];

forEachBackend("a connection with pipelined requests", (context) => {
  const request = (method: string, path: string, more = "") =>
    `${method} ${path} HTTP/1.1\r\nHost: registry\r\n${more}\r\n`;

  it("receives responses in the order of the requests", async () => {
    const responses = await context.client.exchange(
      request("GET", "/v2/A/tags/list") +
        request("GET", "/v2/") +
        request("GET", "/nowhere", "Connection: close\r\n"),
    );
    expect(statusesIn(responses)).toEqual(["400", "200", "404"]);
  });

  it("executes each request before the next", async () => {
    const repository = context.newRepository();
    const content = sampleBytes(1000, "pushed and pulled on one connection").toString("latin1");
    const digest = digestOf(Buffer.from(content, "latin1"));
    const blob = `/v2/${repository}/blobs/${digest}`;
    const responses = await context.client.exchange(
      request("HEAD", blob) +
        request("POST", `/v2/${repository}/blobs/uploads/?digest=${digest}`, "Content-Length: 1000\r\n") +
        content +
        request("HEAD", blob) +
        request("DELETE", blob) +
        request("HEAD", blob, "Connection: close\r\n"),
    );
    expect(statusesIn(responses)).toEqual([...["404", "201", "200", "202", "404"]]);
  });

  it("receives a response to each of a hundred requests", async () => {
    const last = request("GET", "/nowhere", "Connection: close\r\n");
    const responses = await context.client.exchange(request("GET", "/v2/").repeat(99) + last);
    expect(statusesIn(responses)).toEqual([...Array.from({ length: 99 }, () => "200"), "404"]);
  });

  it.each(MALFORMED)("receives the complete blob before the rejection of $what", async ({ bytes }) => {
    const repository = context.newRepository();
    const content = Buffer.concat(Array.from({ length: 64 }, (_, index) => sampleBytes(65_536, `${index}`)));
    const digest = await pushBlob(context.client, repository, content);
    const exchanged = await context.client.exchange(
      request("GET", `/v2/${repository}/blobs/${digest}`) + bytes,
    );
    const [pulled, rejected] = splitResponses(exchanged);
    expect(rejected).toMatch(/^HTTP\/1\.1 400 .*\r\nconnection: close\r\n.*"code":"UNSUPPORTED"[^\r]*$/s);
    if (pulled.status === 307) expect(pulled.headers.location).toBeDefined();
    else expect([pulled.status, pulled.body.equals(content)]).toEqual([200, true]);
  });

  it("receives the complete response to a request with Connection: close, regardless of what follows", async () => {
    const repository = context.newRepository();
    const content = sampleBytes(4_000_000, "the last response");
    const digest = await pushBlob(context.client, repository, content);
    const target = `/v2/${repository}/blobs/${digest}`;
    const exchanged = await context.client.exchange(
      `${request("GET", target, "Connection: close\r\n")}nonsense\r\n\r\n`,
    );
    const { status, headers, body } = parseResponse(exchanged);
    if (status === 307) expect(headers.location).toBeDefined();
    else expect([status, body.equals(content)]).toEqual([200, true]);
  });

  it("is not read further after a request with invalid framing was rejected", async () => {
    const smuggled = request("DELETE", "/v2/");
    const responses = await context.client.exchange(
      request("POST", "/v2/a/blobs/uploads/", "Content-Length: 0\r\nTransfer-Encoding: chunked\r\n") +
        smuggled,
    );
    expect(statusesIn(responses)).toEqual(["400"]);
  });

  it("does not interpret a body as a request", async () => {
    const repository = context.newRepository();
    const inner = request("GET", "/nowhere");
    const target = `/v2/${repository}/blobs/uploads/?digest=${digestOf(inner)}`;
    const responses = await context.client.exchange(
      request("POST", target, `Content-Length: ${inner.length}\r\n`) +
        inner +
        request("GET", "/v2/", "Connection: close\r\n"),
    );
    expect(statusesIn(responses)).toEqual(["201", "200"]);
  });

  it.each(["Content-Length: 5\r\n", "Transfer-Encoding: chunked\r\n"])(
    "receives a blob even when the body of its GET request arrives late: %s",
    async (framing) => {
      const repository = context.newRepository();
      const content = sampleBytes(300_000, framing);
      const digest = await pushBlob(context.client, repository, content);
      const socket = context.client
        .connect()
        .setTimeout(5000, () => socket.destroy(new Error("no response")));
      socket.write(request("GET", `/v2/${repository}/blobs/${digest}`, `Connection: close\r\n${framing}`));
      await sleep(50);
      socket.write(framing.startsWith("C") ? "abcde" : "5\r\nabcde\r\n0\r\n\r\n");
      const { status, headers, body } = parseResponse(await text(socket.setEncoding("latin1")));
      if (status === 307) expect(headers.location).toBeDefined();
      else expect([status, body.equals(content)]).toEqual([200, true]);
    },
  );
});

function statusesIn(exchanged: string): readonly (string | undefined)[] {
  return [...exchanged.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => status);
}

/** Splits received bytes into the first response, by its Content-Length, and the rest. */
function splitResponses(exchanged: string): readonly [first: ReceivedResponse, rest: string] {
  const start = exchanged.indexOf("\r\n\r\n") + 4;
  const length = /\r\ncontent-length: (\d+)\r\n/i.exec(exchanged.slice(0, start))?.[1];
  const end = start + Number(length ?? 0);
  return [parseResponse(exchanged.slice(0, end)), exchanged.slice(end)];
}
