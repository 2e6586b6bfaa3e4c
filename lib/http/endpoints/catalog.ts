import { parseRepositoryName } from "../../oci/repository-name.ts";
import type { RegistryContext } from "../../registry/registry-context.ts";
import { listRepositories } from "../../registry/tags.ts";
import { queryOf } from "../headers.ts";
import { type HttpRequest, type HttpResponse, jsonResponse } from "../message.ts";
import { linkAfter, parseLast, parsePageLimit } from "../paging.ts";

/** Handles `_catalog`, an extension of Docker's registry on which tools rely: docs/request-handling.md#list-repositories */
export async function getCatalog(registry: RegistryContext, request: HttpRequest): Promise<HttpResponse> {
  const query = queryOf(request);
  const limit = parsePageLimit(query);
  const options = { limit, last: parseLast(query, parseRepositoryName) };
  const page = await listRepositories(registry, options, request.caller?.pullable);
  return jsonResponse(200, { repositories: page.names }, linkAfter(page, "/v2/_catalog", limit));
}
