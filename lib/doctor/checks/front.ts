import { ClientError } from "../../client/client-error.ts";
import { bytesBlob } from "../../client/content.ts";
import type { Answer } from "../../client/message.ts";
import type { Check } from "../check.ts";
import { describe, expectStatus } from "../findings/answer.ts";
import { type Finding, ok, Problem, skipped, warning } from "../findings/finding.ts";
import { answeredBy, cameThroughCloudFront } from "../findings/origin.ts";
import { patch, startUpload } from "../visit/upload.ts";
import type { Visit } from "../visit/visit.ts";

const VERSION = "docker-distribution-api-version";

export const ping: Check = {
  name: "ping",
  asks: "is there a registry?",
  essential: true,
  run: async ({ client }) => {
    const answer = await client.send("GET", "/v2/", { anonymous: true });
    expectStatus(answer, [200, 401], {
      what: "GET /v2/",
      fallback: {
        cause: "this is not the address of a registry",
        advice: "use the RegistryUrl of the stack",
      },
    });
    const summary = answer.status === 200 ? "no sign-in" : "sign-in is required";
    if (answer.headers[VERSION] === "registry/2.0") return ok(summary);
    return warning("the answer does not say that this is a registry", {
      expected: "Docker-Distribution-Api-Version: registry/2.0",
      came: answer.headers[VERSION] ?? "no such header",
      cause: "something in front of the registry answers itself, or drops headers",
      advice: "find out who answers GET /v2/ (curl -i); some clients look for this header",
    });
  },
};

/** S3 refuses signatures beyond 15 minutes, and tokens are good for minutes. */
const MUCH_SECONDS = 300;
const SOME_SECONDS = 30;

export const clock: Check = {
  name: "clock",
  asks: "do the clocks agree?",
  run: async ({ client }) => {
    const answer = await client.send("GET", "/v2/", { anonymous: true });
    const date = Date.parse(answer.headers["date"] ?? "");
    if (Number.isNaN(date)) return skipped("the answer has no Date");
    const skew = Math.round((date - client.now()) / 1000);
    const summary = `the registry's clock differs by ${skew} s`;
    if (Math.abs(skew) <= SOME_SECONDS) return ok(summary);
    const explanation = {
      expected: `a difference of at most ${SOME_SECONDS} s`,
      came: `Date: ${answer.headers["date"]}, here it is ${new Date(client.now()).toUTCString()}`,
      cause: "AWS keeps its clocks right, so this machine's is probably wrong",
      advice: "set this machine's clock by NTP: tokens and signed URLs would seem expired, or not valid yet",
    };
    if (Math.abs(skew) <= MUCH_SECONDS) return warning(summary, explanation);
    throw new Problem(summary, explanation);
  },
};

export const hostname: Check = {
  name: "hostname",
  asks: "is this the hostname that takes bodies of any size?",
  run: async (visit) => {
    const { hint, answer } = await startUpload(visit);
    const isApi = /\.execute-api\.[\w-]+\.amazonaws\.com$/.test(visit.client.base.hostname);
    if (hint === undefined && !isApi) return ok("the registry names no other");
    return warning("this hostname takes small bodies only", {
      expected: "the hostname in front of everything",
      came:
        hint === undefined
          ? `${visit.client.base.hostname}, which is API Gateway's`
          : `Warning: ${answer.headers["warning"]}`,
      cause:
        "requests go to API Gateway directly, past CloudFront, so uploads do not reach the stream function",
      advice:
        hint === undefined
          ? "use the RegistryUrl that the stack prints"
          : `use the hostname that it names: ${hint}`,
    });
  },
};

export const routes: Check = {
  name: "routes",
  asks: "do uploads and HEAD reach the stream function?",
  settles: "whether the CloudFront Function's choice of an origin holds for PATCH, PUT and HEAD",
  run: async (visit) => {
    const answers = await sampleAnswers(visit);
    if (answers.every((answer) => answeredBy(answer) === undefined)) return skipped("this is not on AWS");
    const wrong = answers.filter((answer) => answeredBy(answer)?.name === "API Gateway");
    if (wrong.length === 0) return ok(`${answers.map(({ method }) => method).join(", ")} reach it`);
    return misrouted(wrong);
  },
};

async function sampleAnswers(visit: Visit): Promise<readonly Answer[]> {
  const session = await startUpload(visit);
  return [
    await visit.client.send("HEAD", "/v2/"),
    await patch(visit, session, bytesBlob(Buffer.from("a"))),
    await visit.client.send("PUT", session.path),
  ];
}

function misrouted(wrong: readonly Answer[]): Finding {
  const summary = `API Gateway answers ${wrong.map(({ method }) => method).join(", ")}`;
  const explanation = {
    expected: "HEAD, PATCH and PUT of uploads are answered by the stream function",
    came: wrong.map((answer) => `${answer.method}: ${describe(answer)}`).join("; "),
    cause: "the CloudFront Function does not choose the origin",
    advice:
      "see that it is published, and attached as viewer-request to every behaviour; it must use runtime 2.0",
  };
  if (wrong.some(cameThroughCloudFront)) throw new Problem(summary, explanation);
  return warning(summary, {
    ...explanation,
    cause: "this is the hostname of API Gateway, without CloudFront",
    advice: "use the RegistryUrl that the stack prints; here only small bodies get through",
  });
}

/** More than each front takes: API Gateway 10,240 bytes, Node 16 KiB, CloudFront 20,480. */
const HUGE_HEADER = 32 * 1024;

export const headers: Check = {
  name: "headers",
  asks: "are headers that are too large refused?",
  settles: "what becomes of headers beyond the limits of CloudFront, API Gateway and the Web Function",
  run: async ({ client }) => {
    try {
      const headers = { "x-padding": "x".repeat(HUGE_HEADER) };
      const answer = await client.send("GET", "/v2/", { anonymous: true, headers });
      if (answer.status < 500) return ok(`32 KiB of headers: ${answer.status}`);
      throw unrefused(describe(answer));
    } catch (error) {
      const failure = error instanceof ClientError ? error.failure : undefined;
      if (failure?.code !== "NO_ANSWER" || failure.reason === "ETIMEDOUT") throw error;
      return warning(
        "32 KiB of headers: the connection is closed without an answer",
        unrefused(failure.reason).explanation,
      );
    }
  },
};

function unrefused(came: string): Problem {
  return new Problem("headers that are too large are not refused", {
    expected: "a status from 400 to 499",
    came,
    cause: "the server behind the front breaks off where the front should have refused",
    advice: "nothing, unless clients send such headers: tokens beyond 10 KB fail without a word here",
  });
}
