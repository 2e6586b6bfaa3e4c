// Headers that this project defines.

/** Header that the edge sets to the host that the client requested. Missing when the client called API Gateway directly. */
export const EDGE_HOST_HEADER = "x-dockless-host";

/** Header that API Gateway sets to the host that all clients should use. It replaces a value that the client sends. */
export const REGISTRY_HOST_HEADER = "x-dockless-registry";

/** Header that the password of an AWS principal signs, so that STS rejects a password for another registry. */
export const AUDIENCE_HEADER = "x-dockless-audience";
