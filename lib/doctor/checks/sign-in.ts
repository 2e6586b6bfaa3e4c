import { readChallenge } from "../../client/challenge.ts";
import type { Answer } from "../../client/message.ts";
import { faultOf, readToken } from "../../client/sign-in.ts";
import type { Check } from "../check.ts";
import { describe, expectStatus, remappedValue, renamed } from "../findings/answer.ts";
import { missingToken, WRONG_PASSWORD } from "../findings/client-failure.ts";
import { type Finding, ok, Problem, skipped, warning } from "../findings/finding.ts";
import type { Visit } from "../visit/visit.ts";

const HEADER = "WWW-Authenticate";

export const challenge: Check = {
  name: "challenge",
  asks: "do clients get told how to sign in?",
  settles: "whether WWW-Authenticate passes API Gateway's HTTP API and the Web Function under its own name",
  run: async (visit) => {
    const answers = await challengedAnswers(visit);
    if (answers.length === 0) return skipped("nobody has to sign in");
    for (const answer of answers) judge(answer, visit.client.base);
    return ok(
      `${answers.map(({ method }) => method).join(", ")}: ${answers[0]?.headers["www-authenticate"]}`,
    );
  },
};

/** GET goes to one function, HEAD and PATCH to the other. */
async function challengedAnswers({ client, root }: Visit): Promise<readonly Answer[]> {
  const sent = { anonymous: true };
  const answers = [
    await client.send("GET", "/v2/", sent),
    await client.send("HEAD", "/v2/", sent),
    await client.send("POST", `${root}/blobs/uploads/`, sent),
    await client.send("PATCH", `${root}/blobs/uploads/none`, sent),
  ];
  return answers.filter(({ status }) => status === 401);
}

function judge(answer: Answer, base: URL): void {
  const text = answer.headers["www-authenticate"];
  const remapped = remappedValue(answer, HEADER);
  if (text === undefined && remapped !== undefined) {
    throw new Problem(`the challenge of a ${answer.method} arrives under another name`, {
      expected: `${HEADER}: ${remapped.value}`,
      came: `${remapped.name}: ${remapped.value}`,
      ...renamed(HEADER),
    });
  }
  const read = readChallenge(text ?? "");
  const fault = read === undefined ? "it is missing or not well-formed" : faultOf(read, base);
  if (fault === undefined) return;
  throw new Problem(`the challenge of a ${answer.method} is of no use: ${fault}`, {
    expected: `${HEADER}: Bearer realm="https://…",service="…" (or Basic realm="…")`,
    came: text === undefined ? describe(answer) : `${HEADER}: ${text}`,
    cause:
      text === undefined
        ? "a front drops the header, or answers 401 itself"
        : "the registry is not told its own address",
    advice:
      "no client can sign in without it: see which part answers (curl -i), and that it lets the header pass",
  });
}

export const tokenByGet: Check = {
  name: "token-get",
  asks: "is there a token, by GET with Basic?",
  run: async ({ client }) => {
    const read = await client.signIn.challenge();
    if (read === undefined) return skipped("nobody has to sign in");
    if (read.scheme === "basic") return await signedIn(client.send("GET", "/v2/"));
    await client.signIn.authorization();
    const answer = await client.signIn.getToken(read);
    return tokenFinding(answer);
  },
};

export const tokenByPost: Check = {
  name: "token-post",
  asks: "is there a token, by POST of a form?",
  settles:
    "whether a form reaches the token service through API Gateway, which containerd and BuildKit try first",
  run: async ({ client }) => {
    const read = await client.signIn.challenge();
    if (read === undefined) return skipped("nobody has to sign in");
    if (read.scheme === "basic") return skipped("there are no tokens, but Basic");
    const { credentials } = client;
    await client.signIn.authorization();
    if (credentials === undefined) return skipped("needs --username and --password-stdin");
    const answer = await client.signIn.postToken(read, credentials);
    // These are the answers after which all clients try GET instead.
    if (answer.status !== 401 && [404, 405].includes(answer.status)) return withoutPost(answer);
    return tokenFinding(answer);
  },
};

async function signedIn(asking: Promise<Answer>): Promise<Finding> {
  expectStatus(await asking, [200], { what: "GET /v2/ with Basic", fallback: WRONG_PASSWORD });
  return ok("signed in with Basic");
}

function tokenFinding(answer: Answer): Finding {
  expectStatus(answer, [200], { what: `the ${answer.method} for a token`, fallback: WRONG_PASSWORD });
  const token = readToken(answer);
  if (token === undefined) throw missingToken(answer);
  return ok(`a token, good for ${token.lifetime} s`);
}

function withoutPost(answer: Answer): Finding {
  return warning("tokens are given by GET only", {
    expected: "200 with a token",
    came: describe(answer),
    cause: "the token service has no POST",
    advice: "clients fall back to GET, at the cost of a request; nothing has to be done",
  });
}
