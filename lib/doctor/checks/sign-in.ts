import { readChallenge } from "../../client/challenge.ts";
import type { Sent } from "../../client/client.ts";
import type { Answer } from "../../client/message.ts";
import { faultOf, readToken } from "../../client/sign-in.ts";
import type { Check } from "../check.ts";
import { describe, expectStatus, remappedValue, renamed } from "../findings/answer.ts";
import { missingToken, WRONG_PASSWORD } from "../findings/client-failure.ts";
import { type Finding, ok, Problem, skipped, warning } from "../findings/finding.ts";
import type { Visit } from "../visit/visit.ts";

const CHALLENGE_HEADER = "WWW-Authenticate";

/** Checks the challenges of unauthenticated requests. */
export const challenge: Check = {
  name: "challenge",
  asks: "do unauthenticated requests return a challenge?",
  settles:
    "whether WWW-Authenticate passes API Gateway's HTTP API and the Web Function without being renamed",
  run: async (context) => {
    const responses = await sendUnauthenticated(context);
    if (responses.length === 0) return skipped("the registry requires no authentication");
    for (const response of responses) assertValidChallenge(response, context.client.base);
    return ok(
      `${responses.map(({ method }) => method).join(", ")}: ${responses[0]?.headers["www-authenticate"]}`,
    );
  },
};

/**
 * Sends requests to both functions: GET and POST to the API function, HEAD and PATCH to the stream function.
 * @returns the responses with status 401
 */
async function sendUnauthenticated({ client, root }: Visit): Promise<readonly Answer[]> {
  const options: Sent = { anonymous: true };
  const responses = [
    await client.send("GET", "/v2/", options),
    await client.send("HEAD", "/v2/", options),
    await client.send("POST", `${root}/blobs/uploads/`, options),
    await client.send("PATCH", `${root}/blobs/uploads/none`, options),
  ];
  return responses.filter(({ status }) => status === 401);
}

/** @throws CheckFailure if a client cannot authenticate with the challenge of this response */
function assertValidChallenge(response: Answer, base: URL): void {
  const text = response.headers["www-authenticate"];
  const remapped = remappedValue(response, CHALLENGE_HEADER);
  if (text === undefined && remapped !== undefined) {
    throw new Problem(`the challenge of ${response.method} is returned under a different header name`, {
      expected: `${CHALLENGE_HEADER}: ${remapped.value}`,
      actual: `${remapped.name}: ${remapped.value}`,
      ...renamed(CHALLENGE_HEADER),
    });
  }
  const parsedChallenge = readChallenge(text ?? "");
  const fault = parsedChallenge === undefined ? "it is missing or malformed" : faultOf(parsedChallenge, base);
  if (fault === undefined) return;
  throw new Problem(`the challenge of ${response.method} is unusable: ${fault}`, {
    expected: `${CHALLENGE_HEADER}: Bearer realm="https://…",service="…" (or Basic realm="…")`,
    actual: text === undefined ? describe(response) : `${CHALLENGE_HEADER}: ${text}`,
    cause:
      text === undefined
        ? "a proxy drops the header, or returns 401 itself"
        : "the registry does not know its public URL",
    advice:
      "clients cannot authenticate without it: find out which server responds (curl -i), and configure it to pass the header through",
  });
}

/** Requests a token by GET with Basic authentication. */
export const tokenByGet: Check = {
  name: "token-get",
  asks: "does the token service issue a token by GET with Basic authentication?",
  run: async ({ client }) => {
    const parsedChallenge = await client.signIn.challenge();
    if (parsedChallenge === undefined) return skipped("the registry requires no authentication");
    if (parsedChallenge.scheme === "basic") return await assessBasicResponse(client.send("GET", "/v2/"));
    await client.signIn.authorization();
    const response = await client.signIn.getToken(parsedChallenge);
    return assessTokenResponse(response);
  },
};

/** Requests a token by POST of a form. */
export const tokenByPost: Check = {
  name: "token-post",
  asks: "does the token service issue a token by POST of a form?",
  settles:
    "whether API Gateway forwards a form to the token service, which containerd and BuildKit try first",
  run: async ({ client }) => {
    const parsedChallenge = await client.signIn.challenge();
    if (parsedChallenge === undefined) return skipped("the registry requires no authentication");
    if (parsedChallenge.scheme === "basic")
      return skipped("the registry uses Basic authentication without tokens");
    const { credentials } = client;
    await client.signIn.authorization();
    if (credentials === undefined)
      return skipped("credentials required: use --username and --password-stdin");
    const response = await client.signIn.postToken(parsedChallenge, credentials);
    // All clients fall back to GET after these status codes.
    if (response.status !== 401 && [404, 405].includes(response.status))
      return createPostUnsupportedWarning(response);
    return assessTokenResponse(response);
  },
};

async function assessBasicResponse(request: Promise<Answer>): Promise<Finding> {
  expectStatus(await request, [200], {
    what: "GET /v2/ with Basic authentication",
    fallback: WRONG_PASSWORD,
  });
  return ok("authenticated with Basic");
}

function assessTokenResponse(response: Answer): Finding {
  expectStatus(response, [200], {
    what: `the ${response.method} request for a token`,
    fallback: WRONG_PASSWORD,
  });
  const token = readToken(response);
  if (token === undefined) throw missingToken(response);
  return ok(`a token with a lifetime of ${token.lifetime} s`);
}

function createPostUnsupportedWarning(response: Answer): Finding {
  return warning("the token service supports GET only", {
    expected: "200 with a token",
    actual: describe(response),
    cause: "the token service does not support POST",
    advice: "none required: clients fall back to GET at the cost of one request",
  });
}
