import type { HttpRequest } from "../lib/http/message.ts";
import { createLambdaHandler } from "../lib/http/server/lambda.ts";
import { REGISTRY_HOST } from "../lib/ports/headers.ts";
import { functionApp } from "./compose.ts";

/** API Gateway writes the header over whatever the client says. */
const audienceOf = ({ headers }: HttpRequest) => headers[REGISTRY_HOST];

/** The registry behind an API Gateway HTTP API: all but large bodies. */
export const handler = createLambdaHandler(
  functionApp(process.env, {
    loadS3: () => import("./s3.ts"),
    audienceOf,
    middleware: { warnsOfDirectUploads: true },
  }),
);
