// The headers of this project's own. What stands in front of the registry sets them, and the registry reads them.

/** Set at the edge to the host that the client asked for; missing when the client came to API Gateway directly. */
export const EDGE_HOST = "x-dockless-host";

/** Set by API Gateway, over whatever the client says, to the host that all clients should use. */
export const REGISTRY_HOST = "x-dockless-registry";

/** Signed in the password of an AWS principal, so that STS itself refuses one that was made for another registry. */
export const AUDIENCE_HEADER = "x-dockless-audience";
