import { parseRepositoryName } from "../../oci/repository-name.ts";
import type { Registry } from "../../registry/registry.ts";
import { listRepositories } from "../../registry/tags.ts";
import { queryOf } from "../headers.ts";
import { type HttpRequest, type HttpResponse, json } from "../message.ts";
import { lastOf, linkAfter, pageLimit } from "../paging.ts";

/** Answers with the catalog of Docker's registry, on which tools rely: docs/request-handling.md#list-repositories */
export async function getCatalog(registry: Registry, request: HttpRequest): Promise<HttpResponse> {
  const query = queryOf(request);
  const limit = pageLimit(query);
  const options = { limit, last: lastOf(query, parseRepositoryName) };
  const page = await listRepositories(registry, options, request.caller?.mayPull);
  return json(200, { repositories: page.names }, linkAfter(page, "/v2/_catalog", limit));
}
