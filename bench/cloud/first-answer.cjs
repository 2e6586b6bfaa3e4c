// Starts a function's code as Lambda does, hands it one event, and ends with its first answer: in a process of its own.
// Lambda's runtime has an HTTP client, so that an empty handler has it too.
require("node:http");

const [, , file, path] = process.argv;
const event = {
  rawPath: path,
  rawQueryString: "",
  headers: { host: "registry.example.com", ...headers() },
  requestContext: { http: { method: "GET" } },
  isBase64Encoded: false,
};
/** The token is for the host that it was asked for. */
function headers() {
  const { AUTHORIZATION: authorization = "", HOST_HEADER: name = "", TOKEN_HOST: host = "" } = process.env;
  return authorization === "" ? {} : { authorization, [name]: host };
}

require(file)
  .handler(event)
  .then(({ statusCode }) => {
    process.stdout.write(String(statusCode));
    process.exit(0);
  });
