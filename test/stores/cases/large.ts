import { tmpdir } from "node:os";
import { formatMib, GIB, MIB, readMemoryBytes } from "../../soak/figures.ts";
import { type Report, requireNone } from "../../soak/report.ts";
import { sendRequest } from "../../soak/support/client.ts";
import { type Content, createContent, generateBytes } from "../../soak/support/content.ts";
import {
  LARGE_UPLOAD_METHODS,
  type LargeUploadMethod,
  pullLargeBlob,
  pushLargeBlob,
  requireSpace,
} from "../../soak/support/large-blobs.ts";
import type { RunningServer } from "../../support/server.ts";
import type { Options } from "../options.ts";
import { withReplica } from "../support/replicas.ts";

const REPOSITORY = "stores/large";
/** The process with the AWS SDK, and 72 MiB of parts: docs/storage.md#parts-and-memory */
const MAX_MEMORY_BYTES = 250_000_000;
const TAIL = 1000;

/** Guarantee: memory does not grow with the layers, and an upload of any size is closed within the timeout. */
export async function runLarge(report: Report, { quick, seed }: Options): Promise<void> {
  const size = quick ? 512 * MIB : 5 * GIB;
  // The staged and the final bytes of two layers.
  await requireSpace(tmpdir(), 4 * size);
  for (const method of LARGE_UPLOAD_METHODS) {
    await report.case(`large: push by ${method} and pull of ${formatMib(size)}`, () => {
      const blob = createContent(`${seed}/${method}`, size);
      return withReplica({ redirect: false }, (server) => moveThrough(server, blob, method));
    });
  }
}

async function moveThrough(
  { url, pid }: RunningServer,
  blob: Content,
  method: LargeUploadMethod,
): Promise<string> {
  const target = { url, repository: REPOSITORY };
  const atRest = await readMemoryBytes(pid, "peak");
  const pushed = await pushLargeBlob(target, blob, method);
  const afterPush = await readMemoryBytes(pid, "peak");
  const pulled = await pullLargeBlob(target, blob);
  const headers = { range: `bytes=${blob.size - TAIL}-` };
  const tail = await sendRequest(`${url}/v2/${REPOSITORY}/blobs/${blob.digest}`, { headers });
  const afterPull = await readMemoryBytes(pid, "peak");
  const problems = [...pushed.problems, ...pulled.problems];
  if (!tail.body.equals(Buffer.concat([...generateBytes(blob, blob.size - TAIL)])))
    problems.push("the last bytes are wrong");
  if (afterPull >= MAX_MEMORY_BYTES) problems.push(`peak memory is ${formatMib(afterPull)}, above 250 MB`);
  const memory = `peak memory ${formatMib(afterPush)} after the push, ${formatMib(afterPull)} after the pull (${formatMib(atRest)} before)`;
  return requireNone(problems, `${pushed.figures}; ${pulled.figures}; ${memory}`);
}
