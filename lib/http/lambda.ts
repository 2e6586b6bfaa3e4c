import { OciError } from "../oci/errors.ts";
import { errorResponse } from "./errors.ts";
import type { App, HttpRequest, HttpResponse } from "./message.ts";

/**
 * The parts that matter here of an event of an API Gateway HTTP API, payload format 2.0.
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
 */
export interface HttpApiEvent {
  readonly rawPath: string;
  readonly rawQueryString: string;
  /** Names in lower case; the values of repeated headers are joined by commas. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly requestContext: { readonly http: { readonly method: string } };
  readonly body?: string;
  readonly isBase64Encoded: boolean;
}

export interface HttpApiResult {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly isBase64Encoded: boolean;
}

/** What Lambda takes of an answer, 6 MB, holds so many bytes in base64 and leaves room for headers. */
const MAX_BODY_SIZE = 4_400_000;

/** A Lambda handler that serves the application behind an API Gateway HTTP API. */
export function createLambdaHandler(app: App): (event: HttpApiEvent) => Promise<HttpApiResult> {
  return async (event) => await toResult(await app(toRequest(event)));
}

function toRequest(event: HttpApiEvent): HttpRequest {
  const { rawPath, rawQueryString, headers, requestContext } = event;
  const bytes = Buffer.from(event.body ?? "", event.isBase64Encoded ? "base64" : "utf8");
  return {
    method: requestContext.http.method,
    path: rawPath,
    query: rawQueryString,
    headers,
    body: bytes.length === 0 ? undefined : once(bytes),
  };
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

/** Bodies go as base64, since an answer must arrive byte for byte whatever it holds. */
async function toResult(response: HttpResponse): Promise<HttpApiResult> {
  const { status: statusCode, headers } = response;
  const body = await collect(response.body);
  if (body === undefined) return { statusCode, headers, isBase64Encoded: false };
  if (body.length > MAX_BODY_SIZE) return await toResult(tooLarge());
  return { statusCode, headers, body: body.toString("base64"), isBase64Encoded: true };
}

async function collect(body: HttpResponse["body"]): Promise<Buffer | undefined> {
  if (body === undefined) return undefined;
  if (typeof body === "string" || body instanceof Uint8Array) return Buffer.from(body);
  const chunks: Uint8Array[] = [];
  for await (const chunk of body) chunks.push(chunk);
  return Buffer.concat(chunks);
}

function tooLarge(): HttpResponse {
  return errorResponse(
    new OciError("UNSUPPORTED", {
      status: 501,
      message: "too large to be answered here: use the registry's own hostname",
    }),
  );
}
