// Headers that this project defines.

/** Header that the edge sets to the requested host. */
export const EDGE_HOST_HEADER = "x-dockless-host";

/** Header that the edge sets to the client's address, without a port. */
export const EDGE_CLIENT_HEADER = "x-dockless-client";

/** Header with the CloudFront origin secret, which CloudFront adds to each origin request. */
export const ORIGIN_SECRET_HEADER = "x-dockless-origin-secret";

/** Header that API Gateway sets to the registry's canonical host. It overwrites any value that the client sends. */
export const REGISTRY_HOST_HEADER = "x-dockless-registry";

/** Signed header in an AWS principal's password, so that STS rejects a password created for another registry. */
export const AUDIENCE_HEADER = "x-dockless-audience";
