import { randomUUID } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { type HeaderList, joinHeaders } from "../headers.ts";

/** Options for `createEvent`. */
export interface EventInput {
  readonly incoming: IncomingMessage;
  readonly headers: HeaderList;
  readonly body: Buffer;
  readonly routeKey: string;
  readonly pathParameters: Readonly<Record<string, string>>;
  readonly apiId: string;
  readonly domainName: string;
  /** Whether percent escapes in the path are decoded; what AWS does is undocumented. */
  readonly decodesPath: boolean;
  /** Whether media types that end with +json or +xml are text; what AWS does is undocumented. */
  readonly suffixIsText: boolean;
}

/**
 * Creates an event in the payload format version 2.0: "Working with AWS Lambda proxy integrations for HTTP APIs".
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
 */
export function createEvent(input: EventInput): object {
  const { incoming, body, routeKey, decodesPath, headers: list } = input;
  const { url = "/" } = incoming;
  const mark = url.indexOf("?");
  const path = mark === -1 ? url : url.slice(0, mark);
  const rawQueryString = mark === -1 ? "" : url.slice(mark + 1);
  const rawPath = decodesPath ? decodePath(path) : path;
  const { cookie, ...headers } = joinHeaders(list);
  const pathParameters = withoutMarker(input.pathParameters);
  return {
    version: "2.0",
    routeKey,
    rawPath,
    rawQueryString,
    ...(cookie === undefined ? {} : { cookies: cookie.split(/; */) }),
    headers,
    ...(rawQueryString === "" ? {} : { queryStringParameters: parametersOf(rawQueryString) }),
    requestContext: contextOf(input, rawPath, headers),
    ...(Object.keys(pathParameters).length === 0 ? {} : { pathParameters }),
    ...bodyOf(body, headers["content-type"], input.suffixIsText),
  };
}

function contextOf(input: EventInput, path: string, headers: Readonly<Record<string, string>>): object {
  const { incoming, routeKey, apiId, domainName } = input;
  const now = new Date();
  return {
    accountId: "000000000000",
    apiId,
    domainName,
    domainPrefix: domainName.split(".")[0],
    http: {
      method: incoming.method,
      path,
      protocol: "HTTP/1.1",
      sourceIp: incoming.socket.remoteAddress ?? "127.0.0.1",
      userAgent: headers["user-agent"] ?? "",
    },
    requestId: randomUUID(),
    routeKey,
    stage: "$default",
    time: now.toUTCString(),
    timeEpoch: now.getTime(),
  };
}

function withoutMarker({ _, ...parameters }: Readonly<Record<string, string>>): Record<string, string> {
  return parameters;
}

function decodePath(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

function parametersOf(query: string): Record<string, string> {
  const parameters: Record<string, string> = {};
  for (const [name, value] of new URLSearchParams(query)) {
    parameters[name] = name in parameters ? `${parameters[name]},${value}` : value;
  }
  return parameters;
}

const TEXT_TYPE = /^(text\/.*|application\/(json|javascript|xml))$/;
const TEXT_SUFFIX = /\+(json|xml)$/;

/** Returns the body as text or in base64, depending only on its media type. */
function bodyOf(body: Buffer, contentType: string | undefined, suffixIsText: boolean): object {
  if (body.length === 0) return { isBase64Encoded: false };
  const type = (contentType ?? "").split(";")[0]?.trim().toLowerCase() ?? "";
  const isText = TEXT_TYPE.test(type) || (suffixIsText && TEXT_SUFFIX.test(type));
  return isText
    ? { body: body.toString("utf8"), isBase64Encoded: false }
    : { body: body.toString("base64"), isBase64Encoded: true };
}
