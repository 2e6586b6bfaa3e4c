import { createNodeServer } from "../lib/http/server/node.ts";
import { functionApp } from "./compose.ts";

// The registry as a Lambda Web Function: bodies of any size, and HEAD with an exact Content-Length.
// https://docs.aws.amazon.com/lambda/latest/dg/web-functions-http.html

/** Clients can call this function without API Gateway, so no trusted header provides the registry's host. */
const runtime = {
  loadS3: () => import("./s3.ts"),
  audienceOf: () => undefined,
  middleware: { readsWholeBodyFirst: true },
};

const { hostname, port } = parseEndpoint(process.env["AWS_LAMBDA_HTTP_ENDPOINT"]);
createNodeServer(functionApp(process.env, runtime)).listen(Number(port), hostname);

/** Parses `host:port`, with or without a scheme. */
function parseEndpoint(text = "0.0.0.0:3000"): URL {
  return new URL(text.includes("://") ? text : `http://${text}`);
}
