import { createNodeServer } from "../lib/http/server/node.ts";
import { functionApp } from "./compose.ts";

// The registry as a Lambda Web Function: bodies of any size, and HEAD with its exact length.
// https://docs.aws.amazon.com/lambda/latest/dg/web-functions-http.html

/** Clients can reach this function past API Gateway, so nobody tells it for sure which host it is known by. */
const home = {
  loadS3: () => import("./s3.ts"),
  audienceOf: () => undefined,
  middleware: { readsWholeBodyFirst: true },
  onExpiredCredentials: exitSoon,
};

const { hostname, port } = endpoint(process.env["AWS_LAMBDA_HTTP_ENDPOINT"]);
createNodeServer(functionApp(process.env, home)).listen(Number(port), hostname);

/** Milliseconds within which answers under way are sent: 503, upon which clients retry. */
const EXIT_DELAY_MILLISECONDS = 1000;

/** Ends the process, so that Lambda starts another with new credentials. Without that each request would fail from now on. */
function exitSoon(): void {
  setTimeout(() => {
    process.stdout.write(
      `${JSON.stringify({ level: "error", error: "AWS credentials expired: exiting" })}\n`,
    );
    process.exit(1);
  }, EXIT_DELAY_MILLISECONDS);
}

/** `host:port`, with or without a scheme. */
function endpoint(text = "0.0.0.0:3000"): URL {
  return new URL(text.includes("://") ? text : `http://${text}`);
}
