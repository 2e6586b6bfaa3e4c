import cf from "cloudfront";

/**
 * A CloudFront Function (viewer request, runtime 2.0, which lacks destructuring) that selects the origin of each request.
 * Large bodies, HEAD, and requests that will be challenged go to the stream function, since API Gateway limits bodies and may
 * change the headers of HEAD and 401 responses; all other requests go to API Gateway. It also forwards the requested host and
 * the client's address, in headers defined by lib/ports/headers.ts, which a CloudFront Function cannot import.
 */
const UPLOAD_PATH = /^\/v2\/.+\/blobs\/uploads\//;
const REPOSITORY_PATH = /^\/v2\/(.+?)\/(?:blobs|manifests|tags|referrers)\//;
const BEARER_TOKEN = /^bearer +[^.]+\.([^.]+)\./i;
/** Remaining lifetime that a token must have, since it could otherwise expire before the request arrives. */
const TRANSIT_MILLISECONDS = 5000;
const ACTIONS = { GET: "pull", DELETE: "delete", PUT: "push", POST: "push" };

function originFor(request) {
  if (request.uri === "/token") return "api";
  return isLarge(request) || request.method === "HEAD" || !isSignedIn(request) ? "stream" : "api";
}

function isLarge(request) {
  switch (request.method) {
    case "PATCH":
      return true;
    case "PUT":
      return UPLOAD_PATH.test(request.uri);
    case "POST":
      return request.querystring.digest !== undefined;
    default:
      return false;
  }
}

/** Returns whether the token's claims suffice for the request. They are unverified and only used to select the origin. */
function isSignedIn(request) {
  const claims = claimsIn(request.headers.authorization);
  if (claims === undefined || claims.exp * 1000 <= Date.now() + TRANSIT_MILLISECONDS) return false;
  if (request.uri === "/v2/_catalog") return Array.isArray(claims.catalog);
  const repository = REPOSITORY_PATH.exec(request.uri);
  if (repository === null) return true;
  const action =
    request.method === "DELETE" && UPLOAD_PATH.test(request.uri) ? "push" : ACTIONS[request.method];
  const isFor = (name, action) => claims.access.some((entry) => allows(entry, name, action));
  const from = request.querystring.mount && request.querystring.from;
  return isFor(repository[1], action) && (!from || isFor(from.value.replace(/%2f/gi, "/"), "pull"));
}

/** Returns whether an entry of `access` in an unverified token, which can be any JSON value, allows an action. */
function allows(entry, name, action) {
  return (
    entry !== null &&
    typeof entry === "object" &&
    entry.name === name &&
    Array.isArray(entry.actions) &&
    entry.actions.includes(action)
  );
}

/** Returns the claims of a token that looks like one issued by the registry; undefined for any other value. */
function claimsIn(header) {
  const match = BEARER_TOKEN.exec(header === undefined ? "" : header.value);
  if (match === null) return undefined;
  try {
    const claims = JSON.parse(Buffer.from(match[1], "base64url").toString());
    const hasForm = claims !== null && typeof claims === "object" && Array.isArray(claims.access);
    return hasForm && typeof claims.exp === "number" ? claims : undefined;
  } catch (_) {
    return undefined;
  }
}

// biome-ignore lint/correctness/noUnusedVariables: CloudFront calls the function by this name
function handler(event) {
  const request = event.request;
  request.headers["x-dockless-host"] = { value: request.headers.host.value };
  request.headers["x-dockless-client"] = { value: event.viewer.ip };
  cf.selectRequestOriginById(originFor(request));
  return request;
}
