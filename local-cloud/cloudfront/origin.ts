import { type ClientRequest, type IncomingMessage, request } from "node:http";
import { endToEnd, flat, framingOf, type HeaderList, without } from "../headers.ts";

export interface Origin {
  readonly id: string;
  /** The name that it is known by. */
  readonly domainName: string;
  /** Where it is on this machine. */
  readonly port: number;
  /** Seconds until the answer begins, once the request has been forwarded. */
  readonly readTimeout: number;
  /** Added to every request. */
  readonly headers: HeaderList;
}

/** Headers that CloudFront writes itself, or that depend on how it frames the body. */
const REPLACED = ["host", "content-length", "x-forwarded-for", "via"];

export class OriginTimeoutError extends Error {}

export interface OriginRequest {
  readonly origin: Origin;
  readonly path: string;
  readonly headers: HeaderList;
  /** Names, in lower case, of headers that the behaviour's policy does not forward. */
  readonly dropped: readonly string[];
  readonly id: string;
}

/**
 * Forwards the headers of the viewer that the behaviour's policy forwards, with the origin's own `Host`, and the body as it
 * comes. "Expect" is forwarded if the policy forwards it:
 * https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/RequestAndResponseBehaviorCustomOrigin.html
 * @returns the answer, as soon as its head is there
 * @throws OriginTimeoutError
 */
export async function askOrigin(incoming: IncomingMessage, asked: OriginRequest): Promise<IncomingMessage> {
  const outgoing = begin(incoming, asked);
  const answered = new Promise<IncomingMessage>((resolve, reject) => {
    outgoing.on("response", resolve);
    outgoing.on("error", reject);
  });
  outgoing.on("finish", () => limitWait(outgoing, asked.origin));
  incoming.on("error", () => outgoing.destroy());
  incoming.on("close", () => incoming.complete || outgoing.destroy(new Error("the viewer is gone")));
  incoming.pipe(outgoing);
  return await answered;
}

function begin(
  incoming: IncomingMessage,
  { origin, path, headers, dropped, id }: OriginRequest,
): ClientRequest {
  const ip = incoming.socket.remoteAddress ?? "";
  const forwarded = headers.find(([name]) => name.toLowerCase() === "x-forwarded-for")?.[1];
  const passed = without(endToEnd(headers), ...dropped, ...REPLACED);
  return request({
    host: "127.0.0.1",
    port: origin.port,
    method: incoming.method,
    path,
    agent: false,
    headers: flat([
      ["Host", origin.domainName],
      ...passed,
      ...framingOf(incoming),
      ["X-Forwarded-For", forwarded === undefined ? ip : `${forwarded}, ${ip}`],
      ["Via", "1.1 local.cloudfront.net (CloudFront)"],
      ["X-Amz-Cf-Id", id],
      ...origin.headers,
      ["Connection", "close"],
    ]),
  });
}

/**
 * Fails with 504 when the origin is silent. Of an answer that came before all of the request was sent, no more is waited for.
 * @see https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/http-504-gateway-timeout.html
 */
function limitWait(outgoing: ClientRequest, { readTimeout, id }: Origin): void {
  const late = () => outgoing.destroy(new OriginTimeoutError(`the origin ${id} is silent`));
  const timer = setTimeout(late, readTimeout * 1000);
  outgoing.on("response", () => clearTimeout(timer));
  outgoing.on("close", () => clearTimeout(timer));
}
