import { parseDigest } from "../../oci/digest.ts";
import { OCI_IMAGE_INDEX } from "../../oci/media-type.ts";
import { parseTag } from "../../oci/reference.ts";
import { parseRepositoryName } from "../../oci/repository-name.ts";
import { listReferrers } from "../../registry/referrers.ts";
import type { Registry } from "../../registry/registry.ts";
import { listRepositories, listTags, type Page } from "../../registry/tags.ts";
import { nextLink, pageLimit, queryOf } from "../headers.ts";
import { type HttpRequest, type HttpResponse, json } from "../message.ts";
import type { Route } from "../routes.ts";

/** end-8: spec.md#listing-tags */
export async function getTags(registry: Registry, request: HttpRequest, route: Route): Promise<HttpResponse> {
  const name = parseRepositoryName(route.name);
  const query = queryOf(request);
  const limit = pageLimit(query);
  const page = await listTags(registry, name, { limit, last: lastOf(query, parseTag) });
  return json(200, { name, tags: page.names }, linkTo(`/v2/${name}/tags/list`, page, limit));
}

/** Not in the OCI spec: the catalog of Docker's, on which tools rely. */
export async function getCatalog(registry: Registry, request: HttpRequest): Promise<HttpResponse> {
  const query = queryOf(request);
  const limit = pageLimit(query);
  const options = { limit, last: lastOf(query, parseRepositoryName) };
  const page = await listRepositories(registry, options, request.caller?.mayPull);
  return json(200, { repositories: page.names }, linkTo("/v2/_catalog", page, limit));
}

/** Where a page begins. Some clients send it empty for the first. */
function lastOf<T>(query: URLSearchParams, parse: (text: string) => T): T | undefined {
  const last = query.get("last");
  return last === null || last === "" ? undefined : parse(last);
}

function linkTo(path: string, { names, hasMore }: Page, limit: number): HttpResponse["headers"] {
  const last = names.at(-1);
  return hasMore && last !== undefined ? nextLink(path, { n: String(limit), last }) : {};
}

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
