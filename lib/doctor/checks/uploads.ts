import { type Blob, bytesOf, createBlob, withoutSize } from "../../client/content.ts";
import type { RegistryResponse } from "../../client/message.ts";
import type { Check } from "../check.ts";
import type { CheckContext } from "../context/check-context.ts";
import { closeUpload, nextSession, startUpload, uploadChunk } from "../context/upload.ts";
import { isFromWebFunctionItself } from "../findings/aws-service.ts";
import { CheckFailure, type Finding, ok, warning } from "../findings/finding.ts";
import { describeResponse, expectHeader, expectStatus } from "../findings/response.ts";

/** Size of the pushed blobs in bytes. */
const BLOB_BYTES = 100_000;

/** Pushes a blob with POST and PUT. */
export const pushPut: Check = {
  name: "push-put",
  question: "can a blob be pushed with a PUT? (containerd, BuildKit, oras, helm, regctl)",
  run: async (context) => {
    const { response, blob } = await context.pushSharedBlob();
    expectDigestHeader(response, blob);
    return ok(`${blob.size} bytes`);
  },
};

/** Pushes a blob with a chunked PATCH. */
export const pushPatch: Check = {
  name: "push-patch",
  question: "can a blob be pushed in a single chunked PATCH? (docker, podman, skopeo, crane)",
  settles: "whether chunked transfer-encoding passes through CloudFront and the Web Function",
  run: async (context) => {
    const blob = await context.createRandomBlob(BLOB_BYTES);
    const session = await startUpload(context);
    const response = await uploadChunk(context, session, withoutSize(blob));
    const next = nextSession(context, session, response);
    expectRange(response, BLOB_BYTES);
    const closed = await closeUpload(context, next, blob.digest);
    expectStatus(closed, [201], { what: "the closing PUT" });
    return ok(`${BLOB_BYTES} bytes, chunked`);
  },
};

/** Pushes a blob with a single POST. */
export const pushPost: Check = {
  name: "push-post",
  question: "can a blob be pushed in a single POST?",
  run: async (context) => {
    const blob = await context.createRandomBlob(BLOB_BYTES);
    const response = await postBlob(context, blob);
    expectStatus(response, [201, 202], { what: "POST of a blob" });
    // A registry that does not support the single POST starts a session:
    // https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#single-post
    return ok(
      response.status === 201
        ? `${BLOB_BYTES} bytes`
        : "an upload session was started instead, which the spec allows",
    );
  },
};

/** Pushes a blob with a single POST. If the registry starts a session instead, registers the session for deletion. */
export async function postBlob(
  { client, cleanup, root }: CheckContext,
  body: Blob,
  onSent?: (bytes: number) => void,
): Promise<RegistryResponse> {
  const path = `${root}/blobs/uploads/?digest=${encodeURIComponent(body.digest)}`;
  const headers = { "content-type": "application/octet-stream" };
  const before = () => cleanup.addBlob(body.digest);
  const progress = onSent === undefined ? {} : { onSent };
  const response = await client.send("POST", path, { headers, body, beforeSend: before, ...progress });
  const { location } = response.headers;
  if (response.status === 202 && location !== undefined) cleanup.addSession(location);
  return response;
}

/** Pushes a blob with Expect: 100-continue. */
export const expectContinue: Check = {
  name: "expect-continue",
  question: "can a blob be pushed with Expect: 100-continue?",
  settles: "whether CloudFront removes Expect, which the Web Function rejects with 417",
  run: async (context) => {
    const blob = await context.createRandomBlob(BLOB_BYTES);
    const session = await startUpload(context);
    const options = { body: blob, headers: { expect: "100-continue" } };
    const response = await closeUpload(context, session, blob.digest, options);
    if (response.status === 417 && isFromWebFunctionItself(session.response))
      return createDirectExpectWarning(response);
    expectStatus(response, [201], { what: "PUT of a blob", hint: session.hint });
    return ok("the PUT is accepted");
  },
};

function createDirectExpectWarning(response: RegistryResponse): Finding {
  return warning("the Web Function's own hostname rejects Expect", {
    expected: "PUT of a blob returns 201",
    actual: describeResponse(response),
    cause:
      "this is the DirectPushUrl of the stack, and Web Functions reject Expect, which CloudFront removes",
    advice:
      "none required unless a client sends the header: that client has to use the RegistryUrl of the stack",
  });
}

/** Uploads a blob in two chunks, and requests the state of the upload between them. */
export const resume: Check = {
  name: "resume",
  question: "can an interrupted upload be resumed?",
  run: async (context) => {
    const blob = await context.createRandomBlob(BLOB_BYTES);
    const [first, second] = splitInHalves(blob);
    const session = await startUpload(context);
    const started = nextSession(context, session, await sendChunk(context, session, first, 0));
    const status = await context.client.send("GET", started.path);
    expectStatus(status, [204], { what: "GET of an upload" });
    expectRange(status, first.size);
    const done = nextSession(context, started, await sendChunk(context, started, second, first.size));
    expectStatus(await closeUpload(context, done, blob.digest), [201], { what: "the closing PUT" });
    return ok("uploaded in two chunks, with a status request in between");
  },
};

/** Sends a chunk at an incorrect offset. */
export const outOfOrder: Check = {
  name: "out-of-order",
  question: "is a chunk with an incorrect offset rejected?",
  run: async (context) => {
    const [first, second] = splitInHalves(await context.createRandomBlob(BLOB_BYTES));
    const session = await startUpload(context);
    const started = nextSession(context, session, await sendChunk(context, session, first, 0));
    const response = await sendChunk(context, started, second, first.size + 1);
    expectStatus(response, [416], { what: "an out-of-order chunk" });
    return ok("416");
  },
};

/** Closes an upload with the digest of different bytes. */
export const wrongDigest: Check = {
  name: "wrong-digest",
  question: "is content that does not match its digest rejected, and not stored?",
  run: async (context) => {
    const [pushed, claimed] = [
      await context.createRandomBlob(BLOB_BYTES),
      await context.createRandomBlob(BLOB_BYTES),
    ];
    const session = await startUpload(context);
    const response = await closeUpload(context, session, claimed.digest, { body: pushed });
    expectStatus(response, [400], { what: "PUT with a mismatched digest" });
    for (const { digest } of [claimed, pushed]) {
      const head = await context.client.send("HEAD", `${context.root}/blobs/${digest}`);
      expectStatus(head, [404], { what: "HEAD of a rejected blob" });
    }
    return ok("400, and nothing is stored");
  },
};

/** Cancels an upload. */
export const cancel: Check = {
  name: "cancel",
  question: "can an upload be cancelled?",
  run: async (context) => {
    const session = await startUpload(context);
    expectStatus(await context.client.send("DELETE", session.path), [204], { what: "DELETE of an upload" });
    context.cleanup.removeSession(session.initialPath);
    expectStatus(await context.client.send("GET", session.path), [404], {
      what: "GET of a cancelled upload",
    });
    return ok("204, and the upload no longer exists");
  },
};

/** Checks the Location headers of uploads. */
export const location: Check = {
  name: "location",
  question: "can all clients follow Location?",
  run: async (context) => {
    const session = await startUpload(context);
    const response = await uploadChunk(context, session, createBlob(Buffer.from("a")));
    nextSession(context, session, response);
    const { response: closed } = await context.pushSharedBlob();
    for (const each of [session.response, response, closed]) assertUsableLocation(each, context.client.base);
    return ok("a path on the same host, without percent-encoding");
  },
};

function assertUsableLocation({ method, headers }: RegistryResponse, base: URL): Finding | undefined {
  const text = headers["location"] ?? "";
  const url = new URL(text, base);
  const fault =
    url.host !== base.host || url.protocol !== base.protocol
      ? "leads to another host"
      : !text.startsWith("/")
        ? "is an absolute URL, which breaks behind another proxy"
        : text.split("?")[0]?.includes("%") && "has percent-encoding in its path";
  if (!fault) return undefined;
  throw new CheckFailure(`the Location of ${method} ${fault}`, {
    expected: "a path such as /v2/…, without a host and without %",
    actual: `Location: ${text}`,
    cause: "a proxy rewrites Location, or forwards a different Host header to the registry",
    advice:
      "configure the proxy to pass Location through unchanged: oras, helm and Apple's container reject a different host, and containerd decodes percent-encoding",
  });
}

async function sendChunk(
  context: CheckContext,
  session: Parameters<typeof uploadChunk>[1],
  blob: Blob,
  first: number,
): Promise<RegistryResponse> {
  const headers = { "content-range": `${first}-${first + blob.size - 1}` };
  return await uploadChunk(context, session, blob, { headers });
}

function splitInHalves(blob: Blob): readonly [Blob, Blob] {
  const bytes = bytesOf(blob);
  const middle = Math.floor(bytes.length / 2);
  return [createBlob(bytes.subarray(0, middle)), createBlob(bytes.subarray(middle))];
}

/** Checks the Range header, from which docker reads the layer's size. */
function expectRange(response: RegistryResponse, size: number): void {
  expectHeader(response, "Range", `0-${size - 1}`, {
    what: `${response.method} of an upload`,
    cause: "a proxy drops or rewrites Range in responses, or did not forward all bytes",
    advice: "configure the proxy to pass Range through: docker reads the number of accepted bytes from it",
  });
}

function expectDigestHeader(response: RegistryResponse, { digest }: Blob): void {
  expectHeader(response, "Docker-Content-Digest", digest, {
    what: `the push (${describeResponse(response)})`,
    cause: "a proxy drops the header",
    advice:
      "configure the proxy to pass Docker-* headers through: containerd before 2.2 and Apple's container require Docker-Content-Digest",
  });
}
