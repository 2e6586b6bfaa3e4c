import { parseTag } from "../../oci/reference.ts";
import { parseRepositoryName } from "../../oci/repository-name.ts";
import type { Registry } from "../../registry/registry.ts";
import { listTags } from "../../registry/tags.ts";
import { queryOf } from "../headers.ts";
import { type HttpRequest, type HttpResponse, json } from "../message.ts";
import { lastOf, linkAfter, pageLimit } from "../paging.ts";
import type { Route } from "../routes.ts";

/** end-8: spec.md#listing-tags */
export async function getTags(registry: Registry, request: HttpRequest, route: Route): Promise<HttpResponse> {
  const name = parseRepositoryName(route.name);
  const query = queryOf(request);
  const limit = pageLimit(query);
  const page = await listTags(registry, name, { limit, last: lastOf(query, parseTag) });
  return json(200, { name, tags: page.names }, linkAfter(page, `/v2/${name}/tags/list`, limit));
}
