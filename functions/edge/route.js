import cf from "cloudfront";

/**
 * A CloudFront Function (viewer request, runtime 2.0, which has no destructuring) that sends each request to the origin
 * that can take it: bodies of any size, HEAD, and what will be answered by a challenge go to the stream function, since API
 * Gateway may change what such answers say; all else goes to API Gateway. It also sends on the host that the client asked
 * for, in the header `EDGE_HOST` of lib/ports/headers.ts, which a CloudFront Function cannot import.
 */
const UPLOAD = /^\/v2\/.+\/blobs\/uploads\//;
const REPOSITORY = /^\/v2\/(.+?)\/(?:blobs|manifests|tags|referrers)\//;
const BEARER = /^bearer +[^.]+\.([^.]+)\./i;
/** Milliseconds in which a token may end while the request is on its way. */
const TRANSIT = 5000;
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
      return UPLOAD.test(request.uri);
    case "POST":
      return request.querystring.digest !== undefined;
    default:
      return false;
  }
}

/** Whether a token says that it will do. Nothing is verified here, and nothing rests on it but the way. */
function isSignedIn(request) {
  const claims = claimsIn(request.headers.authorization);
  if (claims === undefined || !(claims.exp * 1000 > Date.now() + TRANSIT)) return false;
  if (request.uri === "/v2/_catalog") return Array.isArray(claims.catalog);
  const repository = REPOSITORY.exec(request.uri);
  if (repository === null) return true;
  const action = request.method === "DELETE" && UPLOAD.test(request.uri) ? "push" : ACTIONS[request.method];
  const isFor = (name, wanted) => claims.access.some((entry) => allows(entry, name, wanted));
  const from = request.querystring.mount && request.querystring.from;
  return isFor(repository[1], action) && (!from || isFor(from.value.replace(/%2f/gi, "/"), "pull"));
}

/** An entry of `access` in an unverified token, which can be any JSON value. */
function allows(entry, name, action) {
  return (
    entry !== null &&
    typeof entry === "object" &&
    entry.name === name &&
    Array.isArray(entry.actions) &&
    entry.actions.includes(action)
  );
}

function claimsIn(header) {
  const match = BEARER.exec(header === undefined ? "" : header.value);
  if (match === null) return undefined;
  try {
    const claims = JSON.parse(Buffer.from(match[1], "base64url").toString());
    return claims !== null && typeof claims === "object" && Array.isArray(claims.access) ? claims : undefined;
  } catch (_) {
    return undefined;
  }
}

// biome-ignore lint/correctness/noUnusedVariables: CloudFront calls it by this name
function handler(event) {
  const request = event.request;
  request.headers["x-dockless-host"] = { value: request.headers.host.value };
  cf.selectRequestOriginById(originFor(request));
  return request;
}
