import type { HttpRequest } from "../lib/http/message.ts";
import { frontHost } from "../lib/http/public-host.ts";
import { createLambdaHandler } from "../lib/http/server/lambda.ts";
import { REGISTRY_HOST_HEADER } from "../lib/ports/headers.ts";
import { functionApp } from "./compose.ts";

/** Returns the host from a header that API Gateway sets and clients cannot forge. */
const resolveAudience = ({ headers }: HttpRequest) => headers[REGISTRY_HOST_HEADER];

/** Handler of the event function behind an API Gateway HTTP API. Large bodies go to the stream function. */
export const handler = createLambdaHandler(
  functionApp(process.env, {
    loadS3: () => import("./s3.ts"),
    hostOf: frontHost,
    audienceOf: resolveAudience,
    middleware: {},
  }),
);
