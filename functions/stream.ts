import { createNodeServer } from "../lib/http/server/node.ts";
import { functionApp } from "./compose.ts";
import { hostPolicyOf } from "./direct-push.ts";

// The registry as a Lambda Web Function: bodies of any size, and HEAD with an exact Content-Length.
// https://docs.aws.amazon.com/lambda/latest/dg/web-functions-http.html

const runtime = {
  loadS3: () => import("./s3.ts"),
  ...hostPolicyOf(process.env),
  middleware: { readsWholeBodyFirst: true, forwardsClient: true },
  onExpiredCredentials: exitSoon,
};

const { hostname, port } = parseEndpoint(process.env["AWS_LAMBDA_HTTP_ENDPOINT"]);
const server = createNodeServer(functionApp(process.env, runtime)).listen(Number(port), hostname);

// Lambda routes no further requests to this process, and kills it one second later: requests whose body has arrived can
// still complete, but slower uploads are cut off.
// https://docs.aws.amazon.com/lambda/latest/dg/web-functions-env-lifecycle.html
process.once("SIGTERM", () => server.close(() => process.exit(0)));

/** Time in which pending responses can still be sent: 503, which clients retry. */
const EXIT_DELAY_MILLISECONDS = 1000;

/** Exits, so that Lambda starts a new process with new credentials. Otherwise every request would fail. */
function exitSoon(): void {
  setTimeout(() => {
    process.stdout.write(
      `${JSON.stringify({ level: "error", error: "AWS credentials expired: exiting" })}\n`,
    );
    process.exit(1);
  }, EXIT_DELAY_MILLISECONDS);
}

/** Parses `host:port`, with or without a scheme. */
function parseEndpoint(text = "0.0.0.0:3000"): URL {
  return new URL(text.includes("://") ? text : `http://${text}`);
}
