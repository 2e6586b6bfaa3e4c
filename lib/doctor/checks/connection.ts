import { lookup } from "node:dns/promises";
import { once } from "node:events";
import { isIP, connect as tcpConnect } from "node:net";
import { type ConnectionOptions, type TLSSocket, connect as tlsConnect } from "node:tls";
import { isLoopback } from "../../client/loopback.ts";
import { hostOf, portOf } from "../address.ts";
import type { Check } from "../check.ts";
import { likelyFault } from "../findings/certificate.ts";
import { type Finding, ok, Problem, Unreachable, warning } from "../findings/finding.ts";
import { likelyWithoutAnswer } from "../findings/likely.ts";
import type { Visit } from "../visit/visit.ts";

const CONNECT_MILLISECONDS = 10_000;
const DAY = 86_400_000;

/** ACM renews 60 days ahead, so a month left means that it has failed to for a month. */
const FEW_DAYS = 30;

export const dns: Check = {
  name: "dns",
  asks: "does the name resolve?",
  essential: true,
  run: async ({ client: { base } }) => {
    const addresses = await lookup(hostOf(base), { all: true }).catch((error) => {
      throw unreachable("the name does not resolve", "an address for the name", error);
    });
    return ok(`${base.hostname} is ${addresses.map(({ address }) => address).join(", ")}`);
  },
};

export const tls: Check = {
  name: "tls",
  asks: "can it be reached, with a certificate that clients accept?",
  essential: true,
  run: async (visit) => {
    const { base } = visit.client;
    if (base.protocol === "https:") return await judged(visit);
    await connected(tcpConnect({ host: hostOf(base), port: portOf(base) }), "connect");
    if (isLoopback(base)) return ok("plain HTTP, which stays on this machine");
    throw new Problem("plain HTTP", {
      expected: "https, but for addresses of this machine",
      came: base.origin,
      cause: "the address was given with http://",
      advice: "use https://; over plain HTTP everybody on the way reads passwords, and clients refuse it",
    });
  },
};

async function judged({ client }: Visit): Promise<Finding> {
  const { base } = client;
  const host = hostOf(base);
  const options: ConnectionOptions = {
    host,
    port: portOf(base),
    ...(isIP(host) === 0 ? { servername: host } : {}),
    // It is judged below, so that more can be said than that the connection failed. Nothing is sent over this one.
    rejectUnauthorized: false,
  };
  const socket = tlsConnect(options);
  await connected(socket, "secureConnect");
  const { subject, valid_to } = socket.getPeerCertificate();
  const fault = socket.authorized ? undefined : String(socket.authorizationError);
  if (fault !== undefined) throw badCertificate(socket, fault, valid_to);
  const days = Math.floor((Date.parse(valid_to) - client.now()) / DAY);
  const summary = `${socket.getProtocol()}, certificate for ${String(subject?.CN ?? host)}, ${days} days left`;
  if (days >= FEW_DAYS) return ok(summary);
  return warning(summary, {
    expected: `a certificate that is good for ${FEW_DAYS} days more`,
    came: `it ends ${new Date(valid_to).toISOString()}`,
    cause: "it has not been renewed, though ACM does so 60 days ahead",
    advice: "see that the DNS record by which ACM validates the name still exists",
  });
}

function badCertificate(socket: TLSSocket, fault: string, validTo: string): Problem {
  const { subject, subjectaltname, issuer } = socket.getPeerCertificate();
  const names = subjectaltname ?? String(subject?.CN ?? "no name");
  return new Problem("clients do not accept the certificate", {
    expected: "a valid certificate for this name, with its chain",
    came: `${fault}: for ${names}, issued by ${String(issuer?.CN ?? "nobody")}, good until ${validTo}`,
    ...likelyFault(fault),
  });
}

/** Waits for the event, and closes the connection then. */
async function connected(socket: ReturnType<typeof tcpConnect>, event: string): Promise<void> {
  socket.setTimeout(CONNECT_MILLISECONDS, () => socket.destroy(timedOut()));
  try {
    await once(socket, event);
  } catch (error) {
    throw unreachable("no connection", "a connection", error);
  } finally {
    socket.end();
  }
}

function timedOut(): Error {
  return Object.assign(new Error("no connection within 10 seconds"), { code: "ETIMEDOUT" });
}

function unreachable(summary: string, expected: string, error: unknown): Unreachable {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  const came = error instanceof Error && error.message !== "" ? error.message : code;
  const likely =
    code === "ETIMEDOUT"
      ? {
          cause: "a firewall drops the packets, or the address is wrong",
          advice: "check the address and the network",
        }
      : likelyWithoutAnswer(code);
  return new Unreachable(summary, { expected, came, ...likely });
}
