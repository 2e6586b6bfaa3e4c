import { parseDigest } from "../../oci/digest.ts";
import { OCI_IMAGE_INDEX } from "../../oci/media-type.ts";
import { parseRepositoryName } from "../../oci/repository-name.ts";
import { listReferrers } from "../../registry/manifests/referrers.ts";
import type { Registry } from "../../registry/registry.ts";
import { queryOf } from "../headers.ts";
import { type HttpRequest, type HttpResponse, json } from "../message.ts";
import { lastOf, nextLink } from "../paging.ts";
import type { Route } from "../routes.ts";

/** end-12: spec.md#listing-referrers */
export async function getReferrers(
  registry: Registry,
  request: HttpRequest,
  route: Route,
): Promise<HttpResponse> {
  const name = parseRepositoryName(route.name);
  const subject = parseDigest(route.argument);
  const query = queryOf(request);
  const artifactType = query.get("artifactType") ?? undefined;
  const page = await listReferrers(registry, name, subject, {
    artifactType,
    after: lastOf(query, parseDigest),
  });
  const filter = artifactType === undefined ? {} : { artifactType };
  const index = { schemaVersion: 2, mediaType: OCI_IMAGE_INDEX, manifests: page.descriptors };
  return json(200, index, {
    "content-type": OCI_IMAGE_INDEX,
    ...(artifactType === undefined ? {} : { "oci-filters-applied": "artifactType" }),
    ...(page.next === undefined
      ? {}
      : nextLink(`/v2/${name}/referrers/${subject}`, { ...filter, last: page.next })),
  });
}
