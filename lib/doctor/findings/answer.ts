import type { Answer } from "../../client/message.ts";
import { Problem } from "./finding.ts";
import { type Likely, likely } from "./likely.ts";
import { answeredBy } from "./origin.ts";

const EXCERPT = 160;

/** An answer in a line: its status, the beginning of its body, and whom to ask for it in the logs. */
export function describe(answer: Answer): string {
  const { status, reason, body } = answer;
  const text = body
    .subarray(0, 4 * EXCERPT)
    .toString("utf8")
    .replaceAll(/\s+/g, " ")
    .trim();
  const isText = text !== "" && !/[\p{Cc}\ufffd]/u.test(text);
  const excerpt = isText ? `: ${text.length > EXCERPT ? `${text.slice(0, EXCERPT)}…` : text}` : "";
  const origin = answeredBy(answer);
  const from = origin === undefined ? "" : ` (from ${origin.name}, request id ${origin.requestId})`;
  return `${`${status} ${reason}`.trim()}${excerpt}${from}`;
}

export interface Expectation {
  /** For example "the closing PUT". */
  readonly what: string;
  readonly fallback?: Likely;
  /** What the registry warned of before. */
  readonly hint?: string | undefined;
}

/** @throws Problem when the answer has another status */
export function expectStatus(answer: Answer, statuses: readonly number[], expectation: Expectation): Answer {
  if (statuses.includes(answer.status)) return answer;
  throw wrongStatus(answer, statuses, expectation);
}

export function wrongStatus(
  answer: Answer,
  statuses: readonly number[],
  { what, fallback, hint }: Expectation,
): Problem {
  return new Problem(`${what} was answered with ${answer.status}`, {
    expected: `${what} is answered with ${statuses.join(" or ")}`,
    came: describe(answer),
    ...likely(answer, { hint, ...(fallback === undefined ? {} : { fallback }) }),
  });
}

/** @throws Problem when the header is missing or has another value */
export function expectHeader(
  answer: Answer,
  name: string,
  wanted: string,
  { what, cause, advice }: { readonly what: string } & Likely,
): void {
  const came = answer.headers[name.toLowerCase()];
  if (came === wanted) return;
  const remapped = remappedValue(answer, name);
  throw new Problem(`${what} has ${came === undefined ? "no" : "a wrong"} ${name}`, {
    expected: `${name}: ${wanted}`,
    came: [
      came === undefined ? `no ${name}` : `${name}: ${came}`,
      ...(remapped === undefined ? [] : [`${remapped.name}: ${remapped.value}`]),
    ].join(", and "),
    ...(remapped === undefined ? { cause, advice } : renamed(name)),
  });
}

/** AWS front doors rename some headers of answers rather than dropping them. */
export function remappedValue(
  { headers }: Answer,
  name: string,
): { readonly name: string; readonly value: string } | undefined {
  const remapped = `x-amzn-remapped-${name.toLowerCase()}`;
  const value = headers[remapped];
  return value === undefined ? undefined : { name: remapped, value };
}

export function renamed(name: string): Likely {
  return {
    cause: `API Gateway (or a Lambda function URL) renames ${name} in answers`,
    advice: `let these requests be answered by the stream origin: see that the CloudFront Function is attached to every behaviour of the distribution and sends them there, and use the RegistryUrl of the stack, not a hostname of API Gateway`,
  };
}
