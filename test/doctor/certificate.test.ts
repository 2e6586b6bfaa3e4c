import { readFileSync } from "node:fs";
import { createServer } from "node:https";
import { join } from "node:path";
import { getCACertificates, setDefaultCACertificates } from "node:tls";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { formatResult } from "../../lib/doctor/findings/report.ts";
import { type ListeningServer, listen } from "../../local-cloud/support/listen.ts";
import { runDoctor } from "./run-doctor.ts";

const pem = (name: string) => readFileSync(join(import.meta.dirname, "certificates", `${name}.pem`), "utf8");

/** End of the validity of the valid certificate. */
const EXPIRY = Date.parse("2125-01-01T00:00:00Z");
const DAY_MILLISECONDS = 86_400_000;

const defaultAuthorities = getCACertificates();
let server: ListeningServer | undefined;

beforeAll(() => setDefaultCACertificates([...defaultAuthorities, pem("authority")]));
afterEach(() => server?.stop());
afterAll(() => setDefaultCACertificates(defaultAuthorities));

/** Runs the tls check against a server with this certificate. */
async function checkTls(certificate: string, now = Date.now()): Promise<{ status: string; lines: string }> {
  server = await listen(
    createServer({ key: pem("key"), cert: pem(certificate) }, (_, outgoing) => outgoing.end()),
  );
  const url = server.url.replace("http:", "https:");
  const { result } = await runDoctor(url, { only: ["tls"], now: () => new Date(now) });
  return { status: result("tls").status, lines: formatResult(result("tls")) };
}

describe("the certificate of a proxy", () => {
  it("passes if it is valid for the hostname and issued by a trusted authority", async () => {
    const { status, lines } = await checkTls("valid");
    expect([status, lines]).toEqual([
      "ok",
      expect.stringMatching(/TLSv1\.3, certificate for 127\.0\.0\.1, \d+ days left/),
    ]);
  });

  it("causes a warning in the month before it expires", async () => {
    expect((await checkTls("valid", EXPIRY - 31 * DAY_MILLISECONDS)).status).toBe("ok");
    const { status, lines } = await checkTls("valid", EXPIRY - 29 * DAY_MILLISECONDS);
    expect([status, lines]).toEqual(["warning", expect.stringContaining("it expires on 2125-01-01")]);
  });

  it.each([
    ["has expired", "expired", "the certificate has expired"],
    ["is not valid yet", "future", "the clock of this machine is slow"],
    ["is for another hostname", "other-name", "the certificate is not valid for this hostname"],
  ])("fails with the likely cause if it %s", async (_, certificate, cause) => {
    const { status, lines } = await checkTls(certificate);
    expect([status, lines]).toEqual(["failed", expect.stringContaining(cause)]);
    expect(lines).toMatch(/actual: +[A-Z_]+: for .*, issued by authority of the tests, valid until /);
  });

  it("fails if its authority is not trusted", async () => {
    setDefaultCACertificates(defaultAuthorities);
    const { status, lines } = await checkTls("valid");
    setDefaultCACertificates([...defaultAuthorities, pem("authority")]);
    expect([status, lines]).toEqual([
      "failed",
      expect.stringContaining("the certificate authority is not trusted"),
    ]);
  });
});
