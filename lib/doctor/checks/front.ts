import { ClientError } from "../../client/client-error.ts";
import { createBlob } from "../../client/content.ts";
import type { RegistryResponse } from "../../client/message.ts";
import type { Check } from "../check.ts";
import type { CheckContext } from "../context/check-context.ts";
import { startUpload, uploadChunk } from "../context/upload.ts";
import { identifyService, isFromCloudFront } from "../findings/aws-service.ts";
import { CheckFailure, type Finding, ok, skipped, warning } from "../findings/finding.ts";
import { describeResponse, expectStatus } from "../findings/response.ts";

const VERSION_HEADER = "docker-distribution-api-version";

/** Requests GET /v2/. */
export const ping: Check = {
  name: "ping",
  question: "does the URL lead to a registry?",
  isEssential: true,
  run: async ({ client }) => {
    const response = await client.send("GET", "/v2/", { isAnonymous: true });
    expectStatus(response, [200, 401], {
      what: "GET /v2/",
      fallback: {
        cause: "this URL does not belong to a registry",
        advice: "use the RegistryUrl of the stack",
      },
    });
    const summary = response.status === 200 ? "no authentication required" : "authentication required";
    if (response.headers[VERSION_HEADER] === "registry/2.0") return ok(summary);
    return warning("the response does not identify a registry", {
      expected: "Docker-Distribution-Api-Version: registry/2.0",
      actual: response.headers[VERSION_HEADER] ?? "no such header",
      cause: "a proxy in front of the registry responds itself, or drops headers",
      advice: "find out which server responds to GET /v2/ (curl -i); some clients require this header",
    });
  },
};

/** Clock skew that fails the check: S3 rejects signatures older than 15 minutes, and tokens expire within minutes. */
const MAX_SKEW_SECONDS = 300;
/** Clock skew from which the check warns. */
const TOLERATED_SKEW_SECONDS = 30;

/** Compares the clocks of the registry and of this machine. */
export const clock: Check = {
  name: "clock",
  question: "are the clocks of the registry and of this machine synchronized?",
  run: async ({ client }) => {
    const response = await client.send("GET", "/v2/", { isAnonymous: true });
    const date = Date.parse(response.headers["date"] ?? "");
    if (Number.isNaN(date)) return skipped("the response has no Date header");
    const skew = Math.round((date - client.now()) / 1000);
    const summary = `the registry's clock differs by ${skew} s`;
    if (Math.abs(skew) <= TOLERATED_SKEW_SECONDS) return ok(summary);
    const explanation = {
      expected: `a difference of at most ${TOLERATED_SKEW_SECONDS} s`,
      actual: `Date: ${response.headers["date"]}, local time: ${new Date(client.now()).toUTCString()}`,
      cause: "this machine's clock is not synchronized (AWS synchronizes its clocks)",
      advice:
        "synchronize this machine's clock by NTP: tokens and signed URLs appear expired or not yet valid otherwise",
    };
    if (Math.abs(skew) <= MAX_SKEW_SECONDS) return warning(summary, explanation);
    throw new CheckFailure(summary, explanation);
  },
};

/** Checks that requests reach the registry through CloudFront. */
export const hostname: Check = {
  name: "hostname",
  question: "does this hostname accept bodies of any size?",
  run: async (context) => {
    const { hint, response } = await startUpload(context);
    const isApi = /\.execute-api\.[\w-]+\.amazonaws\.com$/.test(context.client.base.hostname);
    if (hint === undefined && !isApi) return ok("the registry recommends no other hostname");
    return warning("this hostname accepts only small bodies", {
      expected: "the hostname of the CloudFront distribution",
      actual:
        hint === undefined
          ? `${context.client.base.hostname}, the hostname of API Gateway`
          : `Warning: ${response.headers["warning"]}`,
      cause:
        "requests bypass CloudFront and reach API Gateway directly, so uploads do not reach the stream function",
      advice:
        hint === undefined
          ? "use the RegistryUrl of the stack"
          : `use the hostname in the Warning header: ${hint}`,
    });
  },
};

/** Checks that uploads and HEAD requests reach the stream function. */
export const routes: Check = {
  name: "routes",
  question: "do uploads and HEAD requests reach the stream function?",
  settles: "whether the CloudFront Function selects the origin for PATCH, PUT and HEAD requests",
  run: async (context) => {
    const responses = await sampleResponses(context);
    if (responses.every((response) => identifyService(response) === undefined))
      return skipped("the registry does not run on AWS");
    const misrouted = responses.filter((response) => identifyService(response)?.name === "API Gateway");
    if (misrouted.length === 0)
      return ok(`${responses.map(({ method }) => method).join(", ")} reach the stream function`);
    return createMisroutedFinding(misrouted);
  },
};

async function sampleResponses(context: CheckContext): Promise<readonly RegistryResponse[]> {
  const session = await startUpload(context);
  return [
    await context.client.send("HEAD", "/v2/"),
    await uploadChunk(context, session, createBlob(Buffer.from("a"))),
    await context.client.send("PUT", session.path),
  ];
}

function createMisroutedFinding(misrouted: readonly RegistryResponse[]): Finding {
  const summary = `API Gateway responds to ${misrouted.map(({ method }) => method).join(", ")}`;
  const explanation = {
    expected: "the stream function responds to HEAD requests, and to PATCH and PUT requests for uploads",
    actual: misrouted.map((response) => `${response.method}: ${describeResponse(response)}`).join("; "),
    cause: "the CloudFront Function does not select the stream origin",
    advice:
      "check that the CloudFront Function is published, uses runtime 2.0, and is attached as viewer-request to every behaviour",
  };
  if (misrouted.some(isFromCloudFront)) throw new CheckFailure(summary, explanation);
  return warning(summary, {
    ...explanation,
    cause: "this is the hostname of API Gateway, which bypasses CloudFront",
    advice: "use the RegistryUrl of the stack; API Gateway accepts only small bodies",
  });
}

/** Exceeds every limit on headers: API Gateway 10,240 bytes, Node 16 KiB, CloudFront 20,480 bytes. */
const OVERSIZED_HEADER_BYTES = 32 * 1024;

/** Sends headers that exceed all limits. */
export const headers: Check = {
  name: "headers",
  question: "are oversized headers rejected?",
  settles: "the response to headers that exceed the limits of CloudFront, API Gateway and the Web Function",
  run: async ({ client }) => {
    try {
      const headers = { "x-padding": "x".repeat(OVERSIZED_HEADER_BYTES) };
      const response = await client.send("GET", "/v2/", { isAnonymous: true, headers });
      if (response.status < 500) return ok(`32 KiB of headers: ${response.status}`);
      throw createNotRejectedError(describeResponse(response));
    } catch (error) {
      const failure = error instanceof ClientError ? error.failure : undefined;
      if (failure?.code !== "NO_RESPONSE" || failure.reason === "ETIMEDOUT") throw error;
      return warning(
        "32 KiB of headers: the connection is closed without a response",
        createNotRejectedError(failure.reason).explanation,
      );
    }
  },
};

function createNotRejectedError(actual: string): CheckFailure {
  return new CheckFailure("oversized headers are not rejected", {
    expected: "a status from 400 to 499",
    actual,
    cause:
      "the proxy forwards the headers instead of rejecting them, and the server behind it closes the connection",
    advice:
      "none required unless clients send such headers: requests with tokens larger than 10 KB fail without an error message",
  });
}
