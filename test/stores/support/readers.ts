import { once } from "node:events";
import { type ClientRequest, get, type IncomingMessage } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { MIB } from "../../soak/figures.ts";
import { runConcurrently } from "../../soak/parallel.ts";
import { requireNone } from "../../soak/report.ts";
import { requireStatus, sendRequest } from "../../soak/support/client.ts";
import { createContent } from "../../soak/support/content.ts";
import { pushBlob } from "../../soak/support/push.ts";
import type { FaultyLocation } from "./faulty.ts";
import { withReplica } from "./replicas.ts";

/** Number of readers, above an earlier limit of the registry's connections. */
const READER_COUNT = 205;
const AT_ONCE = 20;
const REPOSITORY = "stores/readers";

/** Blob that exceeds all buffers between S3 and the client. */
const BLOB = createContent("readers", 20 * MIB);

/** Stops reading pulls, which hold their connections and must not block the access of others to S3. */
export async function stopReading({ straight }: FaultyLocation): Promise<string> {
  return await onServer(straight, async (url, pull) => {
    await runConcurrently(Array.from({ length: READER_COUNT }), AT_ONCE, async () => {
      const [response]: IncomingMessage[] = await once(pull(), "response");
      response?.pause();
    });
    const problems = await wrongWithOthers(url);
    return requireNone(problems, `${READER_COUNT} pulls without a reader do not block others`);
  });
}

/** Cancels pulls before their response, which must close their connections to S3 and must not end the server. */
export async function cancelPulls({ faulty, s3 }: FaultyLocation): Promise<string> {
  return await onServer(faulty, async (url, pull) => {
    const readers = Array.from({ length: READER_COUNT }, pull);
    await sleep(30);
    for (const reader of readers) reader.destroy();
    await sleep(1000);
    s3.dropConnections();
    await sleep(1000);
    const problems = await wrongWithOthers(url);
    return requireNone(
      problems,
      `${READER_COUNT} cancelled pulls, whose connections S3 closes, do not block others`,
    );
  });
}

async function onServer(
  location: FaultyLocation["faulty"],
  work: (url: string, pull: () => ClientRequest) => Promise<string>,
): Promise<string> {
  return await withReplica({ location, redirect: false }, async ({ url }) => {
    requireStatus(await pushBlob({ url, repository: REPOSITORY }, BLOB, "put"), 201);
    const readers: ClientRequest[] = [];
    const pull = () => {
      const reader = pullOnce(url);
      readers.push(reader);
      return reader;
    };
    try {
      return await work(url, pull);
    } finally {
      for (const reader of readers) reader.destroy();
    }
  });
}

/** Starts a pull on a separate connection. */
function pullOnce(url: string): ClientRequest {
  const reader = get(`${url}/v2/${REPOSITORY}/blobs/${BLOB.digest}`, { agent: false });
  return reader.on("error", () => undefined);
}

async function wrongWithOthers(url: string): Promise<readonly string[]> {
  const other = createContent("other", 1000);
  const pushed = await pushBlob({ url, repository: REPOSITORY }, other, "post");
  const pulled = await sendRequest(`${url}/v2/${REPOSITORY}/blobs/${other.digest}`);
  return pushed.status === 201 && pulled.status === 200
    ? []
    : [`others: push ${pushed.status}, pull ${pulled.status}`];
}
