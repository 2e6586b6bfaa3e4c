import { bodyOf, collect } from "../../ports/body.ts";
import type { App, HttpRequest, HttpResponse } from "../message.ts";

/**
 * An API Gateway HTTP API event, payload format 2.0, with the properties used here.
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
 */
export interface HttpApiEvent {
  readonly rawPath: string;
  readonly rawQueryString: string;
  /** Names in lower case; the values of repeated headers are joined by commas. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly requestContext: { readonly http: { readonly method: string; readonly sourceIp?: string } };
  readonly body?: string;
  readonly isBase64Encoded: boolean;
}

/** The result of a Lambda function behind an API Gateway HTTP API. */
export interface HttpApiResult {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly isBase64Encoded: boolean;
}

/**
 * Creates a Lambda handler that serves the application behind an API Gateway HTTP API. Request and response bodies are buffered
 * in memory; Lambda limits each to 6 MB in base64.
 */
export function createLambdaHandler(app: App): (event: HttpApiEvent) => Promise<HttpApiResult> {
  return async (event) => await toResult(await app(toRequest(event)));
}

function toRequest({
  rawPath,
  rawQueryString,
  headers,
  requestContext,
  ...event
}: HttpApiEvent): HttpRequest {
  const bytes = Buffer.from(event.body ?? "", event.isBase64Encoded ? "base64" : "utf8");
  return {
    method: requestContext.http.method,
    path: rawPath,
    query: rawQueryString,
    headers,
    body: bytes.length === 0 ? undefined : bodyOf(bytes),
    client: requestContext.http.sourceIp,
  };
}

/** Encodes the body in base64, since it may contain any bytes and must not be changed. */
async function toResult({ status: statusCode, headers, body }: HttpResponse): Promise<HttpApiResult> {
  if (body === undefined) return { statusCode, headers, isBase64Encoded: false };
  const bytes = await readBytes(body);
  return { statusCode, headers, body: bytes.toString("base64"), isBase64Encoded: true };
}

async function readBytes(body: NonNullable<HttpResponse["body"]>): Promise<Buffer> {
  const isStream = typeof body === "object" && Symbol.asyncIterator in body;
  return Buffer.from(isStream ? await collect(body) : body);
}
