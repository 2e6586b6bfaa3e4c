// Headers that this project defines.

/** Header that the edge sets to the host that the client requested. */
export const EDGE_HOST_HEADER = "x-dockless-host";

/** Header that the edge sets to the address of the client, without a port. */
export const EDGE_CLIENT_HEADER = "x-dockless-client";

/** Header that the distribution adds to each request to an origin, with a secret that only the origins know. */
export const ORIGIN_SECRET_HEADER = "x-dockless-origin-secret";

/** Header that API Gateway sets to the host that all clients should use. It replaces a value that the client sends. */
export const REGISTRY_HOST_HEADER = "x-dockless-registry";

/** Header that the password of an AWS principal signs, so that STS rejects a password for another registry. */
export const AUDIENCE_HEADER = "x-dockless-audience";
