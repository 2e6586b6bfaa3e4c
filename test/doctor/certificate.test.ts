import { readFileSync } from "node:fs";
import { createServer } from "node:https";
import { join } from "node:path";
import { getCACertificates, setDefaultCACertificates } from "node:tls";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { linesOf } from "../../lib/doctor/findings/report.ts";
import { type Listening, listen } from "../../local-cloud/support/listen.ts";
import { visit } from "./visits.ts";

const pem = (name: string) => readFileSync(join(import.meta.dirname, "certificates", `${name}.pem`), "utf8");

/** When the good certificate ends. */
const END = Date.parse("2125-01-01T00:00:00Z");
const DAY = 86_400_000;

const usual = getCACertificates();
let server: Listening | undefined;

beforeAll(() => setDefaultCACertificates([...usual, pem("authority")]));
afterEach(() => server?.stop());
afterAll(() => setDefaultCACertificates(usual));

/** What the doctor says of a front with this certificate. */
async function judge(certificate: string, now = Date.now()): Promise<{ status: string; lines: string }> {
  server = await listen(
    createServer({ key: pem("key"), cert: pem(certificate) }, (_, outgoing) => outgoing.end()),
  );
  const url = server.url.replace("http:", "https:");
  const { result } = await visit(url, { only: ["tls"], now: () => new Date(now) });
  return { status: result("tls").status, lines: linesOf(result("tls")) };
}

describe("the certificate of a front", () => {
  it("is fine when it is for this name, and somebody vouches for it", async () => {
    const { status, lines } = await judge("good");
    expect([status, lines]).toEqual([
      "ok",
      expect.stringMatching(/TLSv1\.3, certificate for 127\.0\.0\.1, \d+ days left/),
    ]);
  });

  it("is warned of in the month before it ends", async () => {
    expect((await judge("good", END - 31 * DAY)).status).toBe("ok");
    const { status, lines } = await judge("good", END - 29 * DAY);
    expect([status, lines]).toEqual(["warning", expect.stringContaining("it ends 2125-01-01")]);
  });

  it.each([
    ["has ended", "ended", "the certificate has expired"],
    ["has not begun", "future", "the clock of this machine is slow"],
    ["is for another name", "other-name", "the certificate is for other names than this one"],
  ])("is refused when it %s, and it is said why", async (_, certificate, cause) => {
    const { status, lines } = await judge(certificate);
    expect([status, lines]).toEqual(["failed", expect.stringContaining(cause)]);
    expect(lines).toMatch(/came: +[A-Z_]+: for .*, issued by authority of the tests, good until /);
  });

  it("is refused when nobody vouches for it", async () => {
    setDefaultCACertificates(usual);
    const { status, lines } = await judge("good");
    setDefaultCACertificates([...usual, pem("authority")]);
    expect([status, lines]).toEqual(["failed", expect.stringContaining("the authority is not trusted here")]);
  });
});
