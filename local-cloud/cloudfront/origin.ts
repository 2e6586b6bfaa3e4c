import { type ClientRequest, type IncomingMessage, request } from "node:http";
import { endToEndHeaders, flattenHeaders, framingOf, type HeaderList, withoutHeaders } from "../headers.ts";
import { addOriginHeaders } from "./origin-headers.ts";

/** A distribution's origin, and the port of its emulator. */
export interface Origin {
  readonly id: string;
  /** Hostname in the template. */
  readonly domainName: string;
  /** Port of the emulator on this machine. */
  readonly port: number;
  /** Timeout in seconds from forwarding the request to the response headers. */
  readonly readTimeout: number;
  /** Headers added to every request; they replace viewer headers with the same names. */
  readonly headers: HeaderList;
}

/** Headers that CloudFront sets itself, or that depend on how it frames the body. */
const REPLACED_HEADERS = ["host", "content-length", "x-forwarded-for", "via"];

/** The origin did not respond within its read timeout. */
export class OriginTimeoutError extends Error {}

/** Request to be forwarded to an origin. */
export interface OriginRequest {
  readonly origin: Origin;
  readonly path: string;
  readonly headers: HeaderList;
  /** Lower-case names of headers that the behaviour's policy does not forward. */
  readonly dropped: readonly string[];
  readonly id: string;
}

/**
 * Forwards the viewer's headers that the behaviour's policy includes, with the origin's own `Host`, and streams the body.
 * "Expect" is forwarded if the policy includes it:
 * https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/RequestAndResponseBehaviorCustomOrigin.html
 * @returns the response, as soon as its head has arrived
 * @throws OriginTimeoutError
 */
export async function forwardToOrigin(
  incoming: IncomingMessage,
  asked: OriginRequest,
): Promise<IncomingMessage> {
  const outgoing = startRequest(incoming, asked);
  const responded = new Promise<IncomingMessage>((resolve, reject) => {
    outgoing.on("response", resolve);
    outgoing.on("error", reject);
  });
  outgoing.on("finish", () => limitWait(outgoing, asked.origin));
  incoming.on("error", () => outgoing.destroy());
  incoming.on("close", () => incoming.complete || outgoing.destroy(new Error("the viewer is gone")));
  incoming.pipe(outgoing);
  return await responded;
}

function startRequest(
  incoming: IncomingMessage,
  { origin, path, headers, dropped, id }: OriginRequest,
): ClientRequest {
  const ip = incoming.socket.remoteAddress ?? "";
  const forwarded = headers.find(([name]) => name.toLowerCase() === "x-forwarded-for")?.[1];
  const passed = withoutHeaders(endToEndHeaders(headers), ...dropped, ...REPLACED_HEADERS);
  return request({
    host: "127.0.0.1",
    port: origin.port,
    method: incoming.method,
    path,
    agent: false,
    headers: flattenHeaders([
      ["Host", origin.domainName],
      ...addOriginHeaders(passed, origin.headers),
      ...framingOf(incoming),
      ["X-Forwarded-For", forwarded === undefined ? ip : `${forwarded}, ${ip}`],
      ["Via", "1.1 local.cloudfront.net (CloudFront)"],
      ["X-Amz-Cf-Id", id],
      ["Connection", "close"],
    ]),
  });
}

/**
 * Fails with 504 when the origin does not respond in time after the request has been sent. An early response stops the timer.
 * @see https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/http-504-gateway-timeout.html
 */
function limitWait(outgoing: ClientRequest, { readTimeout, id }: Origin): void {
  const late = () => outgoing.destroy(new OriginTimeoutError(`the origin ${id} did not respond in time`));
  const timer = setTimeout(late, readTimeout * 1000);
  outgoing.on("response", () => clearTimeout(timer));
  outgoing.on("close", () => clearTimeout(timer));
}
