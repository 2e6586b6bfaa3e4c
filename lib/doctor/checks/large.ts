import { setTimeout } from "node:timers/promises";
import { type Blob, type Content, randomBlob, SEED_BYTES, unannounced } from "../../client/content.ts";
import type { Answer } from "../../client/message.ts";
import type { Check } from "../check.ts";
import { expectStatus } from "../findings/answer.ts";
import { type Finding, ok, Problem, skipped, warning } from "../findings/finding.ts";
import { sizeText } from "../size.ts";
import { expectBytes, follow, hashingSink } from "../visit/follow.ts";
import { afterChunk, close, patch, startUpload } from "../visit/upload.ts";
import type { Visit } from "../visit/visit.ts";
import { sameBytes } from "./blobs.ts";
import { postBlob } from "./uploads.ts";

/** What API Gateway takes: a smaller body proves nothing. */
const API_GATEWAY_BYTES = 10_485_760;

function tooSmall({ options: { size } }: Visit): Finding | undefined {
  if (size > API_GATEWAY_BYTES) return undefined;
  return skipped(`--size ${sizeText(size)} is no more than the 10 MB that API Gateway takes`);
}

export const largePut: Check = {
  name: "large-put",
  asks: "does a large blob get in by PUT, and out again?",
  settles: "how large a body with Content-Length the Web Function takes (try --size 5GB)",
  run: async (visit) => {
    const small = tooSmall(visit);
    if (small !== undefined) return small;
    const blob = await visit.randomBlob(visit.options.size);
    const session = await startUpload(visit);
    const answer = await close(visit, session, blob.digest, { body: blob, ...progress(visit) });
    expectStatus(answer, [201], { what: `a PUT of ${sizeText(blob.size)}`, hint: session.hint });
    const { sink, result } = hashingSink();
    const followed = await follow(visit.client, `${visit.root}/blobs/${blob.digest}`, { sink });
    expectBytes(followed, 200, "GET of a large blob");
    sameBytes(result(), blob, followed);
    return ok(`${sizeText(blob.size)}, there and back`);
  },
};

export const largePatch: Check = {
  name: "large-patch",
  asks: "does a large blob get in by one chunked PATCH, and is it closed in time?",
  settles:
    "how large a chunked body the Web Function takes, and whether closing stays below 30 s (try --size 5GB)",
  run: async (visit) => {
    const small = tooSmall(visit);
    if (small !== undefined) return small;
    const blob = await visit.randomBlob(visit.options.size);
    const session = await startUpload(visit);
    const answer = await patch(visit, session, unannounced(blob), progress(visit));
    expectStatus(answer, [202], { what: `a PATCH of ${sizeText(blob.size)}`, hint: session.hint });
    const next = afterChunk(visit, session, answer);
    const begun = visit.client.now();
    expectStatus(await close(visit, next, blob.digest), [201], { what: "the closing PUT of a large blob" });
    return judgeClosing(blob, (visit.client.now() - begun) / 1000);
  },
};

/** containerd waits so long for an answer, and so does API Gateway. */
const CLOSING_SECONDS = 30;

function judgeClosing(blob: Blob, seconds: number): Finding {
  const summary = `${sizeText(blob.size)}; closed in ${seconds.toFixed(1)} s`;
  const explanation = {
    expected: `the closing PUT is answered within ${CLOSING_SECONDS} s`,
    came: `${seconds.toFixed(1)} s`,
    cause:
      "the bytes are copied from where they were staged to their place, which takes long for a large blob",
    advice:
      "see in the function's log whether the copy in parts was throttled by S3; split such a layer, or push it by a client that uses PUT (docker with the containerd store, oras, regctl)",
  };
  if (seconds > CLOSING_SECONDS) throw new Problem(`closing takes ${seconds.toFixed(1)} s`, explanation);
  return seconds > CLOSING_SECONDS / 2 ? warning(summary, explanation) : ok(summary);
}

export const largePost: Check = {
  name: "large-post",
  asks: "does a large blob get in by one POST?",
  settles: "whether a POST with digest= reaches the stream function",
  run: async (visit) => {
    const small = tooSmall(visit);
    if (small !== undefined) return small;
    const blob = await visit.randomBlob(visit.options.size);
    const { hint } = await startUpload(visit);
    const answer = await postBlob(visit, blob, progress(visit).onSent);
    expectStatus(answer, [201, 202], { what: `a POST of ${sizeText(blob.size)}`, hint });
    return ok(sizeText(blob.size));
  },
};

const REFUSED_BYTES = 8_000_000;

export const refusal: Check = {
  name: "early-refusal",
  asks: "is a body that is refused answered at once, rather than hanging?",
  settles: "whether the half-duplex Web Function passes an answer on that came before the body was read",
  run: async (visit) => {
    const body = await visit.randomBlob(Math.min(visit.options.size, REFUSED_BYTES));
    const path = `${visit.root}/blobs/uploads/no-such-session`;
    const answer: Answer = await visit.client.send("PATCH", path, { body: unannounced(body) });
    expectStatus(answer, [404], { what: "a PATCH of a session that does not exist" });
    return ok(`404 after ${sizeText(body.size)}`);
  },
};

export const longUpload: Check = {
  name: "long-upload",
  asks: "may an upload take long? (--duration)",
  settles: "for how long CloudFront and the Web Function hold an upload open that moves slowly",
  run: async (visit) => {
    const { duration } = visit.options;
    if (duration === undefined) return skipped("--duration was not given, for example 10m");
    const session = await startUpload(visit);
    const answer = await patch(visit, session, slowly(visit, duration));
    expectStatus(answer, [202], {
      what: `a PATCH of ${duration} s`,
      fallback: {
        cause: "a time-out of the function or of a front ended the upload",
        advice: "raise the Web Function's timeoutSeconds (at most 900)",
      },
    });
    return ok(`a PATCH of ${duration} s`);
  },
};

/** A little each second. */
function slowly({ options: { random, signal } }: Visit, duration: number): Content {
  return {
    size: undefined,
    async *chunks() {
      for (let second = 0; second < duration; second += 1) {
        const { chunks } = await randomBlob(random(SEED_BYTES), 1000);
        yield* chunks();
        await setTimeout(1000, undefined, { signal });
      }
    },
  };
}

function progress({ options: { onSent, size } }: Visit) {
  return { onSent: (sent: number) => onSent(sent, size) };
}
