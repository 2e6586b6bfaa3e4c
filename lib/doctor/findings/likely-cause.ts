import type { RegistryResponse } from "../../client/message.ts";
import { identifyService, isFromCloudFront } from "./aws-service.ts";

/** The likely cause of a failure, and its fix. */
export interface LikelyCause {
  readonly cause: string;
  readonly advice: string;
}

interface Symptom {
  readonly matches: (response: RegistryResponse, text: string) => boolean;
  readonly likely: (response: RegistryResponse, hint: string | undefined) => LikelyCause;
}

/** Symptoms of known causes, most specific first. */
const SYMPTOMS: readonly Symptom[] = [
  { matches: ({ status }) => status === 413, likely: explainTooLarge },
  {
    matches: ({ status }) => status === 417,
    likely: () => ({
      cause: "the request reached the Web Function with an Expect header, which Web Functions reject",
      advice: "use the RegistryUrl of the stack: CloudFront removes the header",
    }),
  },
  { matches: ({ status }) => status === 504, likely: explainTooSlow },
  {
    matches: ({ status }) => status === 502,
    likely: () => ({
      cause: "the function behind this route failed to start, crashed or closed the connection",
      advice:
        "read the function's log (a Web Function's is /aws/lambda/web/NAME; look for platform.initReport)",
    }),
  },
  {
    matches: ({ status }, text) => status === 503 && !text.includes('"errors"'),
    likely: () => ({
      cause: "the function timed out, or the concurrency limit of the AWS account is reached",
      advice: "check the alarms for throttling and timeouts, then the function's log",
    }),
  },
  {
    matches: ({ status }) => status === 429,
    likely: () => ({
      cause: "requests are throttled",
      advice:
        "retry later; if requests are still throttled, raise the limit or the account quota that the dashboard shows as exhausted",
    }),
  },
  {
    matches: ({ status }, text) => (status === 403 || status === 404) && /^\s*\{"message"/.test(text),
    likely: () => ({
      cause: "API Gateway returned this response: it has no such route, or its stage adds a prefix",
      advice: "redeploy the stack; API Gateway requires the $default route and the $default stage",
    }),
  },
  {
    matches: ({ status }, text) => status === 403 && /cloudfront|<html/i.test(text),
    likely: () => ({
      cause:
        "CloudFront or its web application firewall (WAF) blocked the request: the method or the body is not allowed",
      advice:
        "allow all methods in every behaviour, and find the matching rule in the WAF's sampled requests; exclude uploads from rules on body size",
    }),
  },
  {
    matches: ({ status }, text) => status === 403 && text.includes("this address is not public"),
    likely: () => ({
      cause: "the request reached API Gateway or the Web Function without CloudFront",
      advice: "use the RegistryUrl of the stack",
    }),
  },
  {
    matches: ({ status }) => status === 401 || status === 403,
    likely: () => ({
      cause: "these credentials lack the permission for this request",
      advice:
        "use credentials with pull, push and delete access to dockless-doctor/**, or choose another repository with --repository",
    }),
  },
  {
    matches: ({ status }) => status >= 500,
    likely: () => ({
      cause: "the registry failed, or its storage is unreachable",
      advice:
        "check the registry's log for the time of this request: the log contains the cause, often a missing permission",
    }),
  },
];

/** Returns the likely cause of an unexpected response, and its fix. @param options.hint hostname that the registry recommended */
export function findLikelyCause(
  response: RegistryResponse,
  { fallback, hint }: { readonly fallback?: LikelyCause; readonly hint?: string | undefined } = {},
): LikelyCause {
  if (response.status === 401 && fallback !== undefined) return fallback;
  const text = response.body.subarray(0, 4096).toString("utf8");
  const symptom = SYMPTOMS.find(({ matches }) => matches(response, text));
  return symptom?.likely(response, hint) ?? fallback ?? UNKNOWN_CAUSE;
}

const UNKNOWN_CAUSE: LikelyCause = {
  cause: "the registry, or a proxy in front of it, does not follow the distribution spec",
  advice: "check that the URL is correct and that no proxy modifies requests; then read the registry's log",
};

function explainTooLarge(response: RegistryResponse, hint: string | undefined): LikelyCause {
  const cause =
    identifyService(response)?.name === "API Gateway" ||
    /too (large|long)/i.test(response.body.toString("utf8"))
      ? "the request reached API Gateway instead of the stream function: API Gateway accepts bodies of at most 10 MB (Lambda about 4.5 MB)"
      : "a proxy in front of the registry limits the size of bodies: the request did not reach the stream function";
  return { cause, advice: formatHostnameFix(response, hint) };
}

function formatHostnameFix(response: RegistryResponse, hint: string | undefined): string {
  if (hint !== undefined) return `use the hostname from the registry's Warning header: ${hint}`;
  return isFromCloudFront(response)
    ? "attach the CloudFront Function to every behaviour of the CloudFront distribution: the function routes uploads to the stream origin"
    : "use the RegistryUrl of the stack, not the …execute-api… hostname of API Gateway; configure any other proxy to accept bodies of any size";
}

function explainTooSlow(response: RegistryResponse): LikelyCause {
  return {
    cause: isFromCloudFront(response)
      ? "the origin exceeded CloudFront's read timeout"
      : "the function exceeded its timeout",
    advice:
      "raise the origin's read timeout (at most 120 s), and find the slow operation in the function's log",
  };
}

/** Likely causes by Node's error code. */
const CAUSES_BY_CODE: Readonly<Record<string, LikelyCause>> = {
  ETIMEDOUT: {
    cause:
      "the registry did not respond within the timeout: a Web Function hangs if its handler responds before it has read the whole body, or the operation takes longer than --timeout",
    advice:
      "find the request in the function's log: if the function sent a response, it did not drain the body; on a slow network, increase --timeout",
  },
  ECONNRESET: {
    cause:
      "the connection was closed without a response: a size limit on bodies or headers, or a terminated function",
    advice:
      "retry with a smaller --size; if that succeeds, API Gateway or a proxy limits the size of bodies: use the RegistryUrl of the stack",
  },
  ENOTFOUND: { cause: "the hostname does not resolve", advice: "check the hostname and its DNS record" },
  ERR_SSL_WRONG_VERSION_NUMBER: {
    cause: "the server speaks plain HTTP, not TLS",
    advice:
      "use an http:// URL if the registry is on this machine; otherwise check the port of the TLS proxy",
  },
  ECONNREFUSED: {
    cause: "no process listens on this port",
    advice: "check the address and the port, and that the registry is running",
  },
};

/** Returns the likely cause of a missing response. @param code Node's error code */
export function findCauseWithoutResponse(code: string): LikelyCause {
  return (
    CAUSES_BY_CODE[code === "EPIPE" || code === "socket hang up" ? "ECONNRESET" : code] ?? {
      cause: "the connection failed",
      advice: "check the network between this machine and the registry, and retry",
    }
  );
}
