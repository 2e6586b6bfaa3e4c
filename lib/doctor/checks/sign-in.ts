import { readChallenge } from "../../client/challenge.ts";
import type { RequestOptions } from "../../client/client.ts";
import type { RegistryResponse } from "../../client/message.ts";
import { findChallengeFault, readToken } from "../../client/registry-authenticator.ts";
import type { Check } from "../check.ts";
import type { CheckContext } from "../context/check-context.ts";
import { createMissingTokenError, INVALID_CREDENTIALS_CAUSE } from "../findings/client-failure.ts";
import {
  CheckFailure,
  type Finding,
  ok,
  skipped,
  skippedWithoutCredentials,
  warning,
} from "../findings/finding.ts";
import type { LikelyCause } from "../findings/likely-cause.ts";
import { findPlainRealmCause } from "../findings/plain-realm.ts";
import {
  describeResponse,
  expectStatus,
  explainRenamedHeader,
  findRemappedHeader,
} from "../findings/response.ts";

const CHALLENGE_HEADER = "WWW-Authenticate";

/** Checks the challenges of unauthenticated requests. */
export const challenge: Check = {
  name: "challenge",
  question: "do unauthenticated requests return a challenge?",
  settles:
    "whether WWW-Authenticate passes through API Gateway's HTTP API and the Web Function without being renamed",
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
async function sendUnauthenticated({ client, root }: CheckContext): Promise<readonly RegistryResponse[]> {
  const options: RequestOptions = { isAnonymous: true };
  const responses = [
    await client.send("GET", "/v2/", options),
    await client.send("HEAD", "/v2/", options),
    await client.send("POST", `${root}/blobs/uploads/`, options),
    await client.send("PATCH", `${root}/blobs/uploads/none`, options),
  ];
  return responses.filter(({ status }) => status === 401);
}

/** @throws CheckFailure if a client cannot authenticate with the challenge of this response */
function assertValidChallenge(response: RegistryResponse, base: URL): void {
  const text = response.headers["www-authenticate"];
  const remapped = findRemappedHeader(response, CHALLENGE_HEADER);
  if (text === undefined && remapped !== undefined) {
    throw new CheckFailure(`the challenge of ${response.method} is returned under a different header name`, {
      expected: `${CHALLENGE_HEADER}: ${remapped.value}`,
      actual: `${remapped.name}: ${remapped.value}`,
      ...explainRenamedHeader(CHALLENGE_HEADER),
    });
  }
  const parsedChallenge = readChallenge(text ?? "");
  const fault =
    parsedChallenge === undefined ? "it is missing or malformed" : findChallengeFault(parsedChallenge, base);
  if (fault === undefined) return;
  throw new CheckFailure(`the challenge of ${response.method} is unusable: ${fault}`, {
    expected: `${CHALLENGE_HEADER}: Bearer realm="https://…",service="…" (or Basic realm="…")`,
    actual: text === undefined ? describeResponse(response) : `${CHALLENGE_HEADER}: ${text}`,
    ...(findPlainRealmCause(fault, base.origin) ?? explainUnusableChallenge(text)),
  });
}

function explainUnusableChallenge(text: string | undefined): LikelyCause {
  return {
    cause:
      text === undefined
        ? "a proxy drops the header, or returns 401 itself"
        : "the registry does not know its public URL",
    advice:
      "clients cannot authenticate without it: find out which server responds (curl -i), and configure it to pass the header through",
  };
}

/** Requests a token with GET and Basic authentication. */
export const tokenByGet: Check = {
  name: "token-get",
  question: "does the token service issue a token for a GET with Basic authentication?",
  run: async ({ client }) => {
    const parsedChallenge = await client.authenticator.getChallenge();
    if (parsedChallenge === undefined) return skipped("the registry requires no authentication");
    if (parsedChallenge.scheme === "basic") return await assessBasicResponse(client.send("GET", "/v2/"));
    await client.authenticator.getAuthorization();
    const response = await client.authenticator.requestTokenByGet(parsedChallenge);
    return assessTokenResponse(response);
  },
};

/** Requests a token by posting a form. */
export const tokenByPost: Check = {
  name: "token-post",
  question: "does the token service issue a token for a form POST?",
  settles:
    "whether API Gateway forwards a form to the token service, which containerd and BuildKit try first",
  run: async ({ client }) => {
    const parsedChallenge = await client.authenticator.getChallenge();
    if (parsedChallenge === undefined) return skipped("the registry requires no authentication");
    if (parsedChallenge.scheme === "basic")
      return skipped("the registry uses Basic authentication without tokens");
    const { credentials } = client;
    await client.authenticator.getAuthorization();
    if (credentials === undefined) return skippedWithoutCredentials();
    const response = await client.authenticator.requestTokenByPost(parsedChallenge, credentials);
    // All clients fall back to GET after these status codes.
    if (response.status !== 401 && [404, 405].includes(response.status))
      return createPostUnsupportedWarning(response);
    return assessTokenResponse(response);
  },
};

async function assessBasicResponse(request: Promise<RegistryResponse>): Promise<Finding> {
  expectStatus(await request, [200], {
    what: "GET /v2/ with Basic authentication",
    fallback: INVALID_CREDENTIALS_CAUSE,
  });
  return ok("authenticated with Basic authentication");
}

function assessTokenResponse(response: RegistryResponse): Finding {
  expectStatus(response, [200], {
    what: `the token request by ${response.method}`,
    fallback: INVALID_CREDENTIALS_CAUSE,
  });
  const token = readToken(response);
  if (token === undefined) throw createMissingTokenError(response);
  return ok(`a token with a lifetime of ${token.lifetime} s`);
}

function createPostUnsupportedWarning(response: RegistryResponse): Finding {
  return warning("the token service supports GET only", {
    expected: "200 with a token",
    actual: describeResponse(response),
    cause: "the token service does not support POST",
    advice: "none required: clients fall back to GET at the cost of one extra request",
  });
}
