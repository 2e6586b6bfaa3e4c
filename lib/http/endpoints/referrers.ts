import { parseDigest } from "../../oci/digest.ts";
import { OCI_IMAGE_INDEX } from "../../oci/media-type.ts";
import { parseRepositoryName } from "../../oci/repository-name.ts";
import { listReferrers, type ReferrersPage } from "../../registry/manifests/referrers.ts";
import type { RegistryContext } from "../../registry/registry-context.ts";
import { queryOf } from "../headers.ts";
import { type HttpRequest, type HttpResponse, jsonResponse } from "../message.ts";
import { nextLink, parseLast } from "../paging.ts";
import type { Route } from "../routes.ts";

/** Handles end-12: docs/request-handling.md#list-referrers */
export async function getReferrers(
  registry: RegistryContext,
  request: HttpRequest,
  route: Route,
): Promise<HttpResponse> {
  const name = parseRepositoryName(route.name);
  const subject = parseDigest(route.argument);
  const query = queryOf(request);
  const artifactType = parseArtifactType(query);
  const page = await listReferrers(registry, name, subject, {
    artifactType,
    after: parseLast(query, parseDigest),
  });
  const filter = artifactType === undefined ? {} : { artifactType };
  // MUST: "Assuming a repository is found, this request MUST return a `200 OK` response code."
  // MUST NOT: "If the registry supports the referrers API, the registry MUST NOT return a `404 Not Found` to a
  // referrers API requests."
  // MUST: "Upon success, the response MUST be a JSON body with an image index containing a list of
  // descriptors."
  // https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#listing-referrers
  return jsonResponse(200, toIndex(page), {
    // MUST: "The `Content-Type` header MUST be set to `application/vnd.oci.image.index.v1+json`."
    // https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#listing-referrers
    "content-type": OCI_IMAGE_INDEX,
    // MUST: "If filtering is requested and applied, the response MUST include a header `OCI-Filters-Applied:
    // artifactType` denoting that an `artifactType` filter was applied."
    // https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#listing-referrers
    ...(artifactType === undefined ? {} : { "oci-filters-applied": "artifactType" }),
    // MUST: "A `Link` header MUST be included in the response when the descriptor list cannot be returned in a
    // single manifest."
    // https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#listing-referrers
    ...(page.next === undefined
      ? {}
      : nextLink(`/v2/${name}/referrers/${subject}`, { ...filter, last: page.next })),
  });
}

/** Parses the filter. Media types contain no spaces, so a space is a `+` that the client did not escape. */
function parseArtifactType(query: URLSearchParams): string | undefined {
  const text = query.get("artifactType") ?? "";
  return text === "" ? undefined : text.replaceAll(" ", "+");
}

function toIndex({ descriptors }: ReferrersPage) {
  return {
    schemaVersion: 2,
    mediaType: OCI_IMAGE_INDEX,
    // MUST: "If a query results in no matching referrers, an empty manifest list MUST be returned."
    // https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#listing-referrers
    manifests: descriptors,
  };
}
