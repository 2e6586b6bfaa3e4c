/** Result of one case of a conformance program. */
export interface Case {
  readonly name: string;
  readonly outcome: "passed" | "failed" | "skipped";
  /** Reason for the failure or skip, on one line; empty when the case passed. */
  readonly reason: string;
  /** Requests that the newer program recorded, in order. */
  readonly exchanges: readonly Exchange[];
}

export interface Exchange {
  readonly method: string;
  readonly url: string;
  readonly status: number;
  /** Response as the program printed it: status, headers and body. */
  readonly response: string;
}

/**
 * Parses the cases in the JUnit report of either program. Go's encoder escapes every `<` and `>` in text and in
 * attributes, so that tags can be found with regular expressions.
 */
export function parseJunit(xml: string): Case[] {
  return [...xml.matchAll(/<testcase\s([^>]*)>(.*?)<\/testcase>/gs)]
    .map(([, attributes = "", content = ""]) => parseCase(attributes, content))
    .filter(({ name, outcome }) => !(isReporter(name) && outcome === "passed"));
}

function parseCase(attributes: string, content: string): Case {
  const output = element("system-err", content);
  const outcome = parseOutcome(attribute("status", attributes));
  return {
    name: attribute("name", attributes),
    outcome,
    reason: outcome === "passed" ? "" : oneLine(parseReason(content, output)),
    exchanges: parseExchanges(output),
  };
}

/** A case that neither passed nor was skipped has failed: the programs also have errors, panics, timeouts and aborts. */
function parseOutcome(status: string): Case["outcome"] {
  if (status === "passed" || status === "skipped") return status;
  return status === "pending" ? "skipped" : "failed";
}

/**
 * The older program writes a failure element, and a message for a skip; the newer one writes errors to system-out, or, for
 * cases that it did not try, a remark at the end of system-err.
 */
function parseReason(content: string, output: string): string {
  const skip = /<skipped message="([^"]*)"/.exec(content)?.[1];
  return (
    element("failure", content) ||
    element("error", content) ||
    element("system-out", content) ||
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

/** Ginkgo lists its own report writers as cases. */
function isReporter(name: string): boolean {
  return /^(\[ReportAfterSuite\] )?(html|junit) custom reporter$/.test(name);
}

function attribute(name: string, attributes: string): string {
  return decode(new RegExp(`(?:^|\\s)${name}="([^"]*)"`).exec(attributes)?.[1] ?? "");
}

function element(name: string, content: string): string {
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

function oneLine(text: string): string {
  return text.trim().replace(/\s+/g, " ");
}
