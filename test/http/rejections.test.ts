import { once } from "node:events";
import { text } from "node:stream/consumers";
import { expect, it } from "vitest";
import { parseResponse, type ReceivedResponse } from "../support/client.ts";
import { UNKNOWN_DIGEST } from "./content.ts";
import { startUpload } from "./push.ts";
import { failureOf } from "./responses.ts";
import { forEachBackend } from "./test-context.ts";

const BODY = Buffer.alloc(16 * 1024 * 1024);
const CHUNK = BODY.subarray(0, 1024 * 1024);

/** Requests that are rejected before their body has been read completely. */
const REJECTED: readonly (readonly [
  what: string,
  line: string,
  header: string,
  status: number,
  code: string,
])[] = [
  ["a manifest that is too large", "PUT {repo}/manifests/a", "X-A: b", 413, "MANIFEST_INVALID"],
  [
    "a blob with an invalid repository name",
    "POST /v2/A/blobs/uploads/?digest={blob}",
    "X-A: b",
    400,
    "NAME_INVALID",
  ],
  [
    "a blob with a malformed digest",
    "POST {repo}/blobs/uploads/?digest=abc",
    "X-A: b",
    400,
    "DIGEST_INVALID",
  ],
  [
    "a blob that does not match its digest",
    "POST {repo}/blobs/uploads/?digest={blob}",
    "X-A: b",
    400,
    "DIGEST_INVALID",
  ],
  ["a chunk of an unknown session", "PATCH {repo}/blobs/uploads/1", "X-A: b", 404, "BLOB_UPLOAD_UNKNOWN"],
  ["an out-of-order chunk", "PATCH {session}", "Content-Range: 1-16777216", 416, "BLOB_UPLOAD_INVALID"],
  ["a chunk with a malformed range", "PATCH {session}", "Content-Range: abc", 400, "BLOB_UPLOAD_INVALID"],
  ["a chunk that is longer than its range", "PATCH {session}", "Content-Range: 0-9", 400, "SIZE_INVALID"],
  ["a last chunk with a malformed digest", "PUT {session}?digest=abc", "X-A: b", 400, "DIGEST_INVALID"],
  ["a request with a method that is not allowed", "PUT /v2/", "X-A: b", 405, "UNSUPPORTED"],
  ["a request to an unknown endpoint", "PUT /nowhere", "X-A: b", 404, "UNSUPPORTED"],
];

forEachBackend("a client that reads only after it has sent 16 MiB", (context) => {
  async function sendThenRead(
    head: string,
    body: readonly (Uint8Array | string)[],
  ): Promise<ReceivedResponse> {
    const socket = context.client
      .connect()
      .setTimeout(10_000, () => socket.destroy(new Error("no response")));
    socket.write(head);
    for (const part of body) if (!socket.write(part)) await once(socket, "drain");
    return parseResponse(await text(socket.setEncoding("latin1")));
  }

  it.each(REJECTED)(
    "receives the rejection of %s, with and without Content-Length",
    async (_what, line, header, ...failure) => {
      const repository = context.newRepository();
      const session = await startUpload(context.client, repository);
      const filled = line
        .replace("{repo}", `/v2/${repository}`)
        .replace("{session}", session)
        .replace("{blob}", UNKNOWN_DIGEST);
      const head = `${filled} HTTP/1.1\r\nHost: registry\r\nConnection: close\r\n${header}\r\n`;
      const sized = await sendThenRead(
        `${head}Content-Length: ${BODY.length}\r\n\r\n`,
        Array(16).fill(CHUNK),
      );
      expect(failureOf(sized)).toEqual(failure);
      const chunks = Array(16)
        .fill([`${CHUNK.length.toString(16)}\r\n`, CHUNK, "\r\n"])
        .flat();
      const chunked = await sendThenRead(`${head}Transfer-Encoding: chunked\r\n\r\n`, [
        ...chunks,
        "0\r\n\r\n",
      ]);
      expect(failureOf(chunked)).toEqual(failure);
    },
  );
});
