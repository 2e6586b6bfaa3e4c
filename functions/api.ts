import { createLambdaHandler, type HttpApiEvent } from "../lib/http/server/lambda.ts";
import { REGISTRY_HOST } from "../lib/ports/headers.ts";
import { functionApp } from "./compose.ts";

/** API Gateway writes it over whatever the client says. One request at a time is served here. */
let host: string | undefined;

const serve = createLambdaHandler(
  functionApp(process.env, {
    loadS3: () => import("./s3.ts"),
    audience: () => host,
    middleware: { warnsOfDirectUploads: true },
  }),
);

/** The registry behind an API Gateway HTTP API: all but large bodies. */
export const handler = async (event: HttpApiEvent) => {
  host = event.headers[REGISTRY_HOST];
  return await serve(event);
};
