import { withDirectWarning } from "../lib/http/front.ts";
import { createLambdaHandler } from "../lib/http/lambda.ts";
import { composeApp } from "./compose.ts";

/** The registry behind an API Gateway HTTP API: all but large bodies. */
export const handler = createLambdaHandler(withDirectWarning(composeApp(process.env)));
