import { withDirectWarning } from "../lib/http/front.ts";
import { createLambdaHandler } from "../lib/http/lambda.ts";
import { composeApp } from "./compose.ts";

/** The bundle has it as a file beside this one, so that a cold start need not read it. */
const loadS3 = () => import("./s3.ts");

/** The registry behind an API Gateway HTTP API: all but large bodies. */
export const handler = createLambdaHandler(withDirectWarning(composeApp(process.env, loadS3)));
