import { type Blob, bytesBlob, bytesOf, unannounced } from "../../client/content.ts";
import type { Answer } from "../../client/message.ts";
import type { Check } from "../check.ts";
import { describe, expectHeader, expectStatus } from "../findings/answer.ts";
import { type Finding, ok, Problem } from "../findings/finding.ts";
import { afterChunk, close, patch, pushByPut, startUpload } from "../visit/upload.ts";
import type { Visit } from "../visit/visit.ts";

const BYTES = 100_000;

export const pushPut: Check = {
  name: "push-put",
  asks: "can a blob be pushed by PUT? (containerd, BuildKit, oras, helm, regctl)",
  run: async (visit) => {
    const { answer, blob } = await visit.firstPush();
    digestTold(answer, blob);
    return ok(`${blob.size} bytes`);
  },
};

export const pushPatch: Check = {
  name: "push-patch",
  asks: "can a blob be pushed by a chunked PATCH? (docker, podman, skopeo, crane)",
  settles: "whether chunked transfer-encoding passes CloudFront and the Web Function",
  run: async (visit) => {
    const blob = await visit.randomBlob(BYTES);
    const session = await startUpload(visit);
    const answer = await patch(visit, session, unannounced(blob));
    const next = afterChunk(visit, session, answer);
    rangeTold(answer, BYTES);
    const closed = await close(visit, next, blob.digest);
    expectStatus(closed, [201], { what: "the closing PUT" });
    return ok(`${BYTES} bytes, chunked`);
  },
};

export const pushPost: Check = {
  name: "push-post",
  asks: "can a blob be pushed by one POST?",
  run: async (visit) => {
    const blob = await visit.randomBlob(BYTES);
    const answer = await postBlob(visit, blob);
    expectStatus(answer, [201, 202], { what: "the POST of a blob" });
    // A registry may start a session instead:
    // https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#single-post
    return ok(answer.status === 201 ? `${BYTES} bytes` : "not taken in one request, which is allowed");
  },
};

export async function postBlob(
  { client, ledger, root }: Visit,
  body: Blob,
  onSent?: (bytes: number) => void,
): Promise<Answer> {
  const path = `${root}/blobs/uploads/?digest=${encodeURIComponent(body.digest)}`;
  const headers = { "content-type": "application/octet-stream" };
  const before = () => ledger.blob(body.digest);
  const progress = onSent === undefined ? {} : { onSent };
  const answer = await client.send("POST", path, { headers, body, before, ...progress });
  const { location } = answer.headers;
  if (answer.status === 202 && location !== undefined) ledger.opened(location);
  return answer;
}

export const expectContinue: Check = {
  name: "expect-continue",
  asks: "does Expect: 100-continue do no harm?",
  settles: "whether CloudFront removes Expect, which the Web Function answers with 417",
  run: async (visit) => {
    const blob = await visit.randomBlob(BYTES);
    await pushByPut(visit, blob, { headers: { expect: "100-continue" } });
    return ok("the PUT is taken");
  },
};

export const resume: Check = {
  name: "resume",
  asks: "can an upload go on after a break?",
  run: async (visit) => {
    const blob = await visit.randomBlob(BYTES);
    const [first, second] = halves(blob);
    const session = await startUpload(visit);
    const begun = afterChunk(visit, session, await chunk(visit, session, first, 0));
    const asked = await visit.client.send("GET", begun.path);
    expectStatus(asked, [204], { what: "the GET of an upload" });
    rangeTold(asked, first.size);
    const done = afterChunk(visit, begun, await chunk(visit, begun, second, first.size));
    expectStatus(await close(visit, done, blob.digest), [201], { what: "the closing PUT" });
    return ok("two chunks, and the state between them");
  },
};

export const outOfOrder: Check = {
  name: "out-of-order",
  asks: "is a chunk in the wrong place refused?",
  run: async (visit) => {
    const [first, second] = halves(await visit.randomBlob(BYTES));
    const session = await startUpload(visit);
    const begun = afterChunk(visit, session, await chunk(visit, session, first, 0));
    const answer = await chunk(visit, begun, second, first.size + 1);
    expectStatus(answer, [416], { what: "a chunk that leaves a gap" });
    return ok("416");
  },
};

export const wrongDigest: Check = {
  name: "wrong-digest",
  asks: "are bytes of another digest refused, and not stored?",
  run: async (visit) => {
    const [pushed, claimed] = [await visit.randomBlob(BYTES), await visit.randomBlob(BYTES)];
    const session = await startUpload(visit);
    const answer = await close(visit, session, claimed.digest, { body: pushed });
    expectStatus(answer, [400], { what: "a PUT with the digest of other bytes" });
    for (const { digest } of [claimed, pushed]) {
      const found = await visit.client.send("HEAD", `${visit.root}/blobs/${digest}`);
      expectStatus(found, [404], { what: "HEAD of a blob that was refused" });
    }
    return ok("400, and nothing is stored");
  },
};

export const cancel: Check = {
  name: "cancel",
  asks: "can an upload be cancelled?",
  run: async (visit) => {
    const session = await startUpload(visit);
    expectStatus(await visit.client.send("DELETE", session.path), [204], { what: "the DELETE of an upload" });
    visit.ledger.closed(session.origin);
    expectStatus(await visit.client.send("GET", session.path), [404], {
      what: "the GET of a cancelled upload",
    });
    return ok("204, and it is gone");
  },
};

export const location: Check = {
  name: "location",
  asks: "does Location lead where clients can follow?",
  run: async (visit) => {
    const session = await startUpload(visit);
    const answer = await patch(visit, session, bytesBlob(Buffer.from("a")));
    afterChunk(visit, session, answer);
    const { answer: closed } = await visit.firstPush();
    for (const each of [session.answer, answer, closed]) judge(each, visit.client.base);
    return ok("a path on the same host, without escapes");
  },
};

function judge({ method, headers }: Answer, base: URL): Finding | undefined {
  const text = headers["location"] ?? "";
  const url = new URL(text, base);
  const fault =
    url.host !== base.host || url.protocol !== base.protocol
      ? "leads to another host"
      : !text.startsWith("/")
        ? "names the host, which is another one behind the next proxy"
        : text.split("?")[0]?.includes("%") && "has percent escapes in its path";
  if (!fault) return undefined;
  throw new Problem(`the Location of a ${method} ${fault}`, {
    expected: "a path like /v2/…, without a host and without %",
    came: `Location: ${text}`,
    cause: "a proxy rewrites Location, or passes another Host to the registry and makes URLs of it",
    advice:
      "let Location pass unchanged: oras, helm and Apple's container refuse another host, and containerd undoes escapes",
  });
}

async function chunk(
  visit: Visit,
  session: Parameters<typeof patch>[1],
  blob: Blob,
  first: number,
): Promise<Answer> {
  const headers = { "content-range": `${first}-${first + blob.size - 1}` };
  return await patch(visit, session, blob, { headers });
}

function halves(blob: Blob): readonly [Blob, Blob] {
  const bytes = bytesOf(blob);
  const middle = Math.floor(bytes.length / 2);
  return [bytesBlob(bytes.subarray(0, middle)), bytesBlob(bytes.subarray(middle))];
}

/** docker takes the layer's size from here. */
function rangeTold(answer: Answer, size: number): void {
  expectHeader(answer, "Range", `0-${size - 1}`, {
    what: `the answer to ${answer.method} of an upload`,
    cause: "a front drops or rewrites Range in answers, or not all bytes arrived",
    advice: "let the header pass: docker reads from it how much was taken",
  });
}

function digestTold(answer: Answer, { digest }: Blob): void {
  expectHeader(answer, "Docker-Content-Digest", digest, {
    what: `the answer to the push (${describe(answer)})`,
    cause: "a front drops the header",
    advice: "let Docker-* headers pass: containerd before 2.2 and Apple's container fail without it",
  });
}
