// Starts a function's code as Lambda does, hands it one event, and ends with its first response: in a process of its own.
// Lambda's runtime has an HTTP client, so that an empty handler has it too.
require("node:http");

const [, , file, path] = process.argv;
const event = {
  rawPath: path,
  rawQueryString: "",
  headers: { host: "registry.example.com", ...JSON.parse(process.env.HEADERS ?? "{}") },
  requestContext: { http: { method: "GET" } },
  isBase64Encoded: false,
};

require(file)
  .handler(event)
  .then(({ statusCode }) => {
    process.stdout.write(String(statusCode));
    process.exit(0);
  });
