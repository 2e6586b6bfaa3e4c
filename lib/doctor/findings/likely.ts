import type { Answer } from "../../client/message.ts";
import { answeredBy, cameThroughCloudFront } from "./origin.ts";

export interface Likely {
  readonly cause: string;
  readonly advice: string;
}

interface Sign {
  readonly when: (answer: Answer, text: string) => boolean;
  readonly likely: (answer: Answer, hint: string | undefined) => Likely;
}

/** What answers look like that are not the registry's own, or say clearly why: the first that fits counts. */
const SIGNS: readonly Sign[] = [
  { when: ({ status }) => status === 413, likely: tooLarge },
  {
    when: ({ status }) => status === 417,
    likely: () => ({
      cause: "the Web Function was reached with an Expect header, which it does not take",
      advice: "put CloudFront in front, which removes the header: use the RegistryUrl of the stack",
    }),
  },
  { when: ({ status }) => status === 504, likely: tooSlow },
  {
    when: ({ status }) => status === 502,
    likely: () => ({
      cause: "the function behind this route did not start, crashed, or hung up",
      advice:
        "read the function's log (a Web Function's is /aws/lambda/web/NAME; look for platform.initReport)",
    }),
  },
  {
    when: ({ status }, text) => status === 503 && !text.includes('"errors"'),
    likely: () => ({
      cause: "the function timed out, or the account's concurrency is used up",
      advice: "look at the alarms for throttles and time-outs, then at the function's log",
    }),
  },
  {
    when: ({ status }) => status === 429,
    likely: () => ({
      cause: "requests are throttled",
      advice:
        "run the doctor again later; if it stays, raise the throttle or the account's quota that the dashboard shows as reached",
    }),
  },
  {
    when: ({ status }, text) => (status === 403 || status === 404) && /^\s*\{"message"/.test(text),
    likely: () => ({
      cause: "API Gateway itself answered: it has no such route, or its stage adds a prefix",
      advice: "deploy the stack again; API Gateway needs the $default route and the $default stage",
    }),
  },
  {
    when: ({ status }, text) => status === 403 && /cloudfront|<html/i.test(text),
    likely: () => ({
      cause: "CloudFront or its firewall (WAF) refused the request: the method or the body is not allowed",
      advice:
        "let every behaviour allow all methods, and look in the WAF's sampled requests for the rule that matched; rules on body size must not count for uploads",
    }),
  },
  {
    when: ({ status }) => status === 401 || status === 403,
    likely: () => ({
      cause: "these credentials may not do this",
      advice:
        "use credentials that may pull, push and delete below dockless-doctor/, or choose a repository where they may with --repository",
    }),
  },
  {
    when: ({ status }) => status >= 500,
    likely: () => ({
      cause: "the registry failed, or its storage could not be reached",
      advice:
        "read the registry's log for this moment: it names the cause, often a permission that is missing",
    }),
  },
];

/** The likely cause of an answer that is not the right one, and what to do about it. */
export function likely(
  answer: Answer,
  { fallback, hint }: { readonly fallback?: Likely; readonly hint?: string | undefined } = {},
): Likely {
  if (answer.status === 401 && fallback !== undefined) return fallback;
  const text = answer.body.subarray(0, 4096).toString("utf8");
  const sign = SIGNS.find(({ when }) => when(answer, text));
  return sign?.likely(answer, hint) ?? fallback ?? UNKNOWN;
}

const UNKNOWN: Likely = {
  cause: "this registry, or something between it and here, does not follow the distribution spec",
  advice:
    "check that the address is that of the registry and that no proxy changes requests; then look in the registry's log",
};

function tooLarge(answer: Answer, hint: string | undefined): Likely {
  const cause =
    answeredBy(answer)?.name === "API Gateway" || /too (large|long)/i.test(answer.body.toString("utf8"))
      ? "the request was answered by API Gateway, which takes bodies of at most 10 MB (of which Lambda takes about 4.5 MB): the stream function was not reached"
      : "something in front of the registry limits the size of bodies: the stream function was not reached";
  return { cause, advice: rightHostname(answer, hint) };
}

function rightHostname(answer: Answer, hint: string | undefined): string {
  if (hint !== undefined) return `use the hostname that the registry named: ${hint}`;
  return cameThroughCloudFront(answer)
    ? "attach the CloudFront Function to every behaviour of the distribution: it sends uploads to the stream origin"
    : "use the RegistryUrl that the stack prints, not the …execute-api… hostname of API Gateway; another proxy must be told to take bodies of any size";
}

function tooSlow(answer: Answer): Likely {
  return {
    cause: cameThroughCloudFront(answer)
      ? "the origin took longer than CloudFront's read time-out for it"
      : "the function took longer than it may",
    advice:
      "raise the origin's read time-out (at most 120 s), and see in the function's log what took so long",
  };
}

const BY_CODE: Readonly<Record<string, Likely>> = {
  ETIMEDOUT: {
    cause:
      "whoever has to answer waits for something: a function that answers before it has read the whole body hangs a Web Function, and a time-out may be shorter than the work",
    advice:
      "look for the request in the function's log; if it says that it answered, the body was not drained. A slow network is helped by a larger --timeout",
  },
  ECONNRESET: {
    cause:
      "the connection was closed without an answer: a limit on the size of bodies or headers, or a function that was ended",
    advice:
      "try with a smaller --size; if that works, a proxy or API Gateway on the way limits bodies: use the RegistryUrl of the stack",
  },
  ENOTFOUND: { cause: "the name does not resolve", advice: "check the hostname and its DNS record" },
  ECONNREFUSED: {
    cause: "nothing listens there",
    advice: "check the address and its port, and that the registry runs",
  },
};

export function likelyWithoutAnswer(code: string): Likely {
  return (
    BY_CODE[code === "EPIPE" || code === "socket hang up" ? "ECONNRESET" : code] ?? {
      cause: "the connection failed",
      advice: "check the network between here and there, and try again",
    }
  );
}
