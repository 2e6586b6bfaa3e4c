import cf from "cloudfront";

/**
 * A CloudFront Function (viewer request, runtime 2.0) that sends each request to the origin that can take it: bodies of
 * any size, and HEAD, to the stream function; all else to API Gateway. It also tells them which host was asked for.
 */
const UPLOAD = /^\/v2\/.+\/blobs\/uploads\//;

function originFor(request) {
  switch (request.method) {
    case "HEAD":
    case "PATCH":
      return "stream";
    case "PUT":
      return UPLOAD.test(request.uri) ? "stream" : "api";
    case "POST":
      return request.querystring.digest === undefined ? "api" : "stream";
    default:
      return "api";
  }
}

// biome-ignore lint/correctness/noUnusedVariables: CloudFront calls it by this name
function handler(event) {
  const request = event.request;
  request.headers["x-dockless-host"] = { value: request.headers.host.value };
  cf.selectRequestOriginById(originFor(request));
  return request;
}
