import { lookup } from "node:dns/promises";
import { once } from "node:events";
import { isIP, type Socket, connect as tcpConnect } from "node:net";
import { type ConnectionOptions, type TLSSocket, connect as tlsConnect } from "node:tls";
import { isLoopback } from "../../client/loopback.ts";
import { hostOf, portOf } from "../address.ts";
import type { Check } from "../check.ts";
import type { CheckContext } from "../context/check-context.ts";
import { findCertificateCause } from "../findings/certificate.ts";
import { CheckFailure, type Finding, ok, Unreachable, warning } from "../findings/finding.ts";
import { findCauseWithoutResponse } from "../findings/likely-cause.ts";

const CONNECT_TIMEOUT_MILLISECONDS = 10_000;
const DAY_MILLISECONDS = 86_400_000;

/** Remaining validity below which the check warns: ACM renews 60 days before expiry, so renewal has failed for a month. */
const MIN_VALIDITY_DAYS = 30;

/** Resolves the hostname. */
export const dns: Check = {
  name: "dns",
  question: "does the hostname resolve?",
  isEssential: true,
  run: async ({ client: { base } }) => {
    const addresses = await lookup(hostOf(base), { all: true }).catch((error) => {
      throw createUnreachableError("the hostname does not resolve", "an address of the hostname", error);
    });
    return ok(`${base.hostname} resolves to ${addresses.map(({ address }) => address).join(", ")}`);
  },
};

/** Connects to the registry, and verifies its certificate. */
export const tls: Check = {
  name: "tls",
  question: "is the registry reachable, with a valid certificate?",
  isEssential: true,
  run: async (context) => {
    const { base } = context.client;
    if (base.protocol === "https:") return await checkCertificate(context);
    using opened = new DisposableStack();
    const socket = opened.adopt(tcpConnect({ host: hostOf(base), port: portOf(base) }), close);
    await waitForConnection(socket, "connect");
    if (isLoopback(base)) return ok("plain HTTP on a loopback address");
    throw new CheckFailure("plain HTTP", {
      expected: "https, except for loopback addresses",
      actual: base.origin,
      cause: "the URL has the scheme http",
      advice: "use https: plain HTTP exposes passwords to the network, and clients reject it",
    });
  },
};

async function checkCertificate({ client }: CheckContext): Promise<Finding> {
  const { base } = client;
  const host = hostOf(base);
  const options: ConnectionOptions = {
    host,
    port: portOf(base),
    ...(isIP(host) === 0 ? { servername: host } : {}),
    // The certificate is verified below, with a more specific error. No data is sent over this connection.
    rejectUnauthorized: false,
  };
  using opened = new DisposableStack();
  const socket = opened.adopt(tlsConnect(options), close);
  await waitForConnection(socket, "secureConnect");
  const { subject, valid_to } = socket.getPeerCertificate();
  const fault = socket.authorized ? undefined : String(socket.authorizationError);
  if (fault !== undefined) throw createCertificateError(socket, fault, valid_to);
  const days = Math.floor((Date.parse(valid_to) - client.now()) / DAY_MILLISECONDS);
  const summary = `${socket.getProtocol()}, certificate for ${String(subject?.CN ?? host)}, ${days} days left`;
  if (days >= MIN_VALIDITY_DAYS) return ok(summary);
  return warning(summary, {
    expected: `a certificate that is valid for at least ${MIN_VALIDITY_DAYS} more days`,
    actual: `it expires on ${new Date(valid_to).toISOString()}`,
    cause: "the renewal failed: ACM renews 60 days before expiry",
    advice: "check that the ACM DNS validation record still exists",
  });
}

function createCertificateError(socket: TLSSocket, fault: string, validTo: string): CheckFailure {
  const { subject, subjectaltname, issuer } = socket.getPeerCertificate();
  const names = subjectaltname ?? String(subject?.CN ?? "no hostname");
  return new CheckFailure("the certificate is invalid", {
    expected: "a valid certificate for this hostname, with its chain",
    actual: `${fault}: for ${names}, issued by ${String(issuer?.CN ?? "an unknown issuer")}, valid until ${validTo}`,
    ...findCertificateCause(fault),
  });
}

/** Closes the socket, even if the peer keeps its side open. */
function close(socket: Socket): void {
  socket.destroySoon();
}

/** Waits for the event. @throws Unreachable on an error or after CONNECT_TIMEOUT_MILLISECONDS */
async function waitForConnection(socket: Socket, event: string): Promise<void> {
  socket.setTimeout(CONNECT_TIMEOUT_MILLISECONDS, () => socket.destroy(createTimeoutError()));
  try {
    await once(socket, event);
  } catch (error) {
    throw createUnreachableError("no connection", "a connection", error);
  }
}

function createTimeoutError(): Error {
  return Object.assign(new Error("no connection within 10 seconds"), { code: "ETIMEDOUT" });
}

function createUnreachableError(summary: string, expected: string, error: unknown): Unreachable {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  // OpenSSL's text is for its developers: it contains source files and lines.
  const isReadable = error instanceof Error && error.message !== "" && !code.startsWith("ERR_SSL_");
  const actual = isReadable ? error.message : code;
  const likely =
    code === "ETIMEDOUT"
      ? {
          cause: "a firewall drops the packets, or the address is incorrect",
          advice: "check the address and the network",
        }
      : findCauseWithoutResponse(code);
  return new Unreachable(summary, { expected, actual, ...likely });
}
