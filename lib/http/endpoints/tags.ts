import { parseTag } from "../../oci/reference.ts";
import { parseRepositoryName } from "../../oci/repository-name.ts";
import type { RegistryContext } from "../../registry/registry-context.ts";
import { listTags } from "../../registry/tags.ts";
import { queryOf } from "../headers.ts";
import { type HttpRequest, type HttpResponse, jsonResponse } from "../message.ts";
import { linkAfter, parseLast, parsePageLimit } from "../paging.ts";
import type { Route } from "../routes.ts";

/** Handles end-8: docs/request-handling.md#list-tags */
export async function getTags(
  registry: RegistryContext,
  request: HttpRequest,
  route: Route,
): Promise<HttpResponse> {
  const name = parseRepositoryName(route.name);
  const query = queryOf(request);
  const limit = parsePageLimit(query);
  const page = await listTags(registry, name, {
    limit,
    // MUST NOT: "`<tagname>` MUST NOT be a numerical index, but rather it MUST be a proper tag."
    // https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#listing-tags
    last: parseLast(query, parseTag),
  });
  // MUST: "Assuming a repository is found, this request MUST return a `200 OK` response code."
  // MUST: "Upon success, the response MUST be a json body in the following format:"
  // https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#listing-tags
  return jsonResponse(200, { name, tags: page.names }, linkAfter(page, `/v2/${name}/tags/list`, limit));
}
