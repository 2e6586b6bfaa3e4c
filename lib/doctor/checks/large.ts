import { setTimeout } from "node:timers/promises";
import { type Content, createRandomBlob, SEED_BYTES, withoutSize } from "../../client/content.ts";
import type { RegistryResponse } from "../../client/message.ts";
import type { Check } from "../check.ts";
import type { CheckContext } from "../context/check-context.ts";
import { createHashingSink, downloadBlob, expectDownloadStatus } from "../context/download.ts";
import { closeUpload, nextSession, startUpload, uploadChunk } from "../context/upload.ts";
import { CheckFailure, type Finding, ok, skipped, warning } from "../findings/finding.ts";
import { expectStatus } from "../findings/response.ts";
import { formatRate, formatSize } from "../size.ts";
import { expectSameBytes } from "./blobs.ts";
import { postBlob } from "./uploads.ts";

/** API Gateway's limit for request bodies: smaller bodies would not test the routing. */
const API_GATEWAY_MAX_BYTES = 10_485_760;

function skipIfTooSmall({ options: { size } }: CheckContext): Finding | undefined {
  if (size > API_GATEWAY_MAX_BYTES) return undefined;
  return skipped(
    `--size ${formatSize(size)} does not exceed API Gateway's limit of 10 MB: use a larger size`,
  );
}

/** Pushes a large blob with PUT, and pulls it. */
export const largePut: Check = {
  name: "large-put",
  question: "can a large blob be pushed with a PUT, and pulled?",
  settles: "the maximum size of a body with Content-Length that the Web Function accepts (use --size 5GB)",
  run: async (context) => {
    const skip = skipIfTooSmall(context);
    if (skip !== undefined) return skip;
    const blob = await context.createRandomBlob(context.options.size);
    const session = await startUpload(context);
    const startedAt = context.client.now();
    const response = await closeUpload(context, session, blob.digest, {
      body: blob,
      ...createProgressOptions(context),
    });
    const rate = formatRate(blob.size, context.client.now() - startedAt);
    expectStatus(response, [201], { what: `PUT of ${formatSize(blob.size)}`, hint: session.hint });
    const { sink, result } = createHashingSink();
    const download = await downloadBlob(context.client, `${context.root}/blobs/${blob.digest}`, { sink });
    expectDownloadStatus(download, 200, "GET of a large blob");
    expectSameBytes(result(), blob, download);
    return ok(`${formatSize(blob.size)}, pushed at ${rate} and pulled`);
  },
};

/** Pushes a large blob with one chunked PATCH, and measures how long closing the upload takes. */
export const largePatch: Check = {
  name: "large-patch",
  question: "can a large blob be pushed in a single chunked PATCH, and closed within the clients' timeout?",
  settles:
    "the maximum size of a chunked body that the Web Function accepts, and whether closing takes less than 30 s (use --size 5GB)",
  run: async (context) => {
    const skip = skipIfTooSmall(context);
    if (skip !== undefined) return skip;
    const blob = await context.createRandomBlob(context.options.size);
    const session = await startUpload(context);
    const sentAt = context.client.now();
    const response = await uploadChunk(context, session, withoutSize(blob), createProgressOptions(context));
    const rate = formatRate(blob.size, context.client.now() - sentAt);
    expectStatus(response, [202], { what: `PATCH of ${formatSize(blob.size)}`, hint: session.hint });
    const next = nextSession(context, session, response);
    const startedAt = context.client.now();
    expectStatus(await closeUpload(context, next, blob.digest), [201], {
      what: "the closing PUT of a large blob",
    });
    return assessClosing(
      `${formatSize(blob.size)}, pushed at ${rate}`,
      (context.client.now() - startedAt) / 1000,
    );
  },
};

/** Response timeout of containerd and of API Gateway. */
const CLOSING_TIMEOUT_SECONDS = 30;

function assessClosing(pushed: string, seconds: number): Finding {
  const summary = `${pushed}; closed in ${seconds.toFixed(1)} s`;
  const explanation = {
    expected: `the closing PUT returns within ${CLOSING_TIMEOUT_SECONDS} s`,
    actual: `${seconds.toFixed(1)} s`,
    cause: "S3 copies the staged bytes to the final key, which is slow for a large blob",
    advice:
      "check the function's log for S3 throttling of the multipart copy; split the layer, or push it with a client that uses PUT (docker with the containerd image store, oras, regctl)",
  };
  if (seconds > CLOSING_TIMEOUT_SECONDS)
    throw new CheckFailure(`closing the upload takes ${seconds.toFixed(1)} s`, explanation);
  return seconds > CLOSING_TIMEOUT_SECONDS / 2 ? warning(summary, explanation) : ok(summary);
}

/** Pushes a large blob with a single POST. */
export const largePost: Check = {
  name: "large-post",
  question: "can a large blob be pushed in a single POST?",
  settles: "whether a POST with digest= reaches the stream function",
  run: async (context) => {
    const skip = skipIfTooSmall(context);
    if (skip !== undefined) return skip;
    const blob = await context.createRandomBlob(context.options.size);
    const { hint } = await startUpload(context);
    const response = await postBlob(context, blob, createProgressOptions(context).onSent);
    expectStatus(response, [201, 202], { what: `POST of ${formatSize(blob.size)}`, hint });
    return ok(formatSize(blob.size));
  },
};

const REJECTED_BODY_BYTES = 8_000_000;

/** Sends a body that the registry rejects before reading it. */
export const earlyRefusal: Check = {
  name: "early-refusal",
  question: "is a request rejected immediately, without hanging until its body has been read?",
  settles: "whether the half-duplex Web Function forwards a response that was sent before the body was read",
  run: async (context) => {
    const body = await context.createRandomBlob(Math.min(context.options.size, REJECTED_BODY_BYTES));
    const path = `${context.root}/blobs/uploads/no-such-session`;
    const response: RegistryResponse = await context.client.send("PATCH", path, { body: withoutSize(body) });
    expectStatus(response, [404], { what: "PATCH of an unknown upload" });
    return ok(`404 after ${formatSize(body.size)}`);
  },
};

/** Uploads slowly for the time set with --duration. */
export const longUpload: Check = {
  name: "long-upload",
  question: "can an upload take as long as --duration?",
  settles: "how long CloudFront and the Web Function keep a slow upload open",
  run: async (context) => {
    const { duration } = context.options;
    if (duration === undefined) return skipped("requires --duration, for example --duration 10m");
    const session = await startUpload(context);
    const response = await uploadChunk(context, session, createSlowContent(context, duration));
    expectStatus(response, [202], {
      what: `PATCH lasting ${duration} s`,
      fallback: {
        cause: "a timeout of the function or of a proxy aborted the upload",
        advice: "raise the Web Function's timeoutSeconds (at most 900)",
      },
    });
    return ok(`PATCH lasting ${duration} s`);
  },
};

/** Returns content that yields 1,000 bytes per second. */
function createSlowContent({ options: { random, signal } }: CheckContext, duration: number): Content {
  return {
    size: undefined,
    async *chunks() {
      for (let second = 0; second < duration; second += 1) {
        const { chunks } = await createRandomBlob(random(SEED_BYTES), 1000);
        yield* chunks();
        await setTimeout(1000, undefined, { signal });
      }
    },
  };
}

function createProgressOptions({ options: { onSent, size } }: CheckContext) {
  return { onSent: (sent: number) => onSent(sent, size) };
}
