import { expect, it } from "vitest";
import { createApp } from "../../../lib/http/app.ts";
import type { HttpRequest } from "../../../lib/http/message.ts";
import type { BlobStore } from "../../../lib/ports/blob-store.ts";
import { blob, bodyOf } from "../../support/content.ts";
import { createMemoryRegistry } from "../../support/memory.ts";

const { digest } = blob("content");

/** Creates the application on a store that records the declared lengths. */
function createRecorder() {
  const { registry } = createMemoryRegistry();
  const lengths: (number | undefined)[] = [];
  const blobs: BlobStore = {
    stat: (name) => registry.blobs.stat(name),
    get: (name, range) => registry.blobs.get(name, range),
    put: async (name, body, length) => {
      lengths.push(length);
      return await registry.blobs.put(name, body);
    },
  };
  const onDefect = (error: unknown) => {
    throw error;
  };
  const app = createApp({ ...registry, blobs }, { onDefect });
  const send = (method: string, path: string, query: string, headers: HttpRequest["headers"] = {}) =>
    app({ method, path, query, headers, body: method === "PUT" || query ? bodyOf("content") : undefined });
  return { send, lengths };
}

it.each<[string, HttpRequest["headers"], number | undefined]>([
  ["the length that the client declares", { "content-length": "7" }, 7],
  ["no length of a chunked body", {}, undefined],
  ["no malformed length", { "content-length": "7e0" }, undefined],
])("passes %s to the blob store", async (_, headers, expected) => {
  const { send, lengths } = createRecorder();
  const begun = await send("POST", "/v2/acme/app/blobs/uploads/", "");
  expect(begun.status).toBe(202);
  const put = await send("PUT", begun.headers["location"] ?? "", `digest=${digest}`, headers);
  const post = await send("POST", "/v2/acme/app/blobs/uploads/", `digest=${digest}`, headers);
  expect([put.status, post.status, lengths]).toEqual([201, 201, [expected, expected]]);
});
