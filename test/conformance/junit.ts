/** Result of one case of a conformance program. */
export interface Case {
  readonly name: string;
  readonly outcome: "passed" | "failed" | "skipped";
  /** Reason for a failure or skip, on one line; empty when it passed. */
  readonly reason: string;
  /** Requests that the newer program recorded, in order. */
  readonly exchanges: readonly Exchange[];
}

/** A request and its response. */
export interface Exchange {
  readonly method: string;
  readonly url: string;
  readonly status: number;
  /** Printed response: status, headers and body. */
  readonly response: string;
}

/**
 * Parses the cases of the JUnit report of either program. Go's encoder escapes every `<` and `>` in text and in
 * attributes, so that tags can be found with regular expressions.
 */
export function parseJunit(xml: string): Case[] {
  return [...xml.matchAll(/<testcase\s([^>]*)>(.*?)<\/testcase>/gs)]
    .map(([, attributes = "", content = ""]) => parseCase(attributes, content))
    .filter(({ name, outcome }) => !(isReporter(name) && outcome === "passed"));
}

function parseCase(attributes: string, content: string): Case {
  const output = elementOf("system-err", content);
  const outcome = parseOutcome(attributeOf("status", attributes));
  return {
    name: attributeOf("name", attributes),
    outcome,
    reason: outcome === "passed" ? "" : toOneLine(parseReason(content, output)),
    exchanges: parseExchanges(output),
  };
}

/** Parses a status. All except passed, skipped and pending are failures, among them errors, panics, timeouts and aborts. */
function parseOutcome(status: string): Case["outcome"] {
  if (status === "passed" || status === "skipped") return status;
  return status === "pending" ? "skipped" : "failed";
}

/**
 * Finds the reason of a result. The older program writes a failure element or the message of a skip; the newer one writes
 * errors into system-out, and the reason of a skip at the end of system-err.
 */
function parseReason(content: string, output: string): string {
  const skip = /<skipped message="([^"]*)"/.exec(content)?.[1];
  return (
    elementOf("failure", content) ||
    elementOf("error", content) ||
    elementOf("system-out", content) ||
    decode(skip ?? "") ||
    (/skipping test:\s*(.*)$/s.exec(output)?.[1] ?? "no reason given")
  );
}

function parseExchanges(output: string): Exchange[] {
  return output
    .split("~~~ REQUEST ~~~")
    .slice(1)
    .map((exchange) => {
      const [request = "", response = ""] = exchange.split("~~~ RESPONSE ~~~");
      return {
        method: /^Method: (\S+)$/m.exec(request)?.[1] ?? "",
        url: /^URL: (\S+)$/m.exec(request)?.[1] ?? "",
        status: Number(/^Status: (\d+)$/m.exec(response)?.[1] ?? 0),
        response,
      };
    });
}

/** Returns whether a case is a report writer of Ginkgo, which lists them among the cases. */
function isReporter(name: string): boolean {
  return /^(\[ReportAfterSuite\] )?(html|junit) custom reporter$/.test(name);
}

function attributeOf(name: string, attributes: string): string {
  return decode(new RegExp(`(?:^|\\s)${name}="([^"]*)"`).exec(attributes)?.[1] ?? "");
}

function elementOf(name: string, content: string): string {
  return decode(new RegExp(`<${name}(?:\\s[^>]*)?>([^<]*)</${name}>`).exec(content)?.[1] ?? "");
}

const ENTITIES: Readonly<Record<string, string>> = { lt: "<", gt: ">", amp: "&", quot: '"', apos: "'" };

function decode(escaped: string): string {
  return escaped.replace(/&(?:#x([0-9A-Fa-f]+)|#(\d+)|(\w+));/g, (whole, hex, decimal, name) => {
    if (hex !== undefined) return String.fromCodePoint(Number.parseInt(hex, 16));
    if (decimal !== undefined) return String.fromCodePoint(Number(decimal));
    return ENTITIES[name] ?? whole;
  });
}

function toOneLine(text: string): string {
  return text.trim().replace(/\s+/g, " ");
}
