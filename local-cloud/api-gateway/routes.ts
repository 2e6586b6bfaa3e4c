/** Route of an HTTP API: `$default`, or a method and a path with `{names}`, the last of which may be greedy (`{proxy+}`). */
export interface ApiRoute<T> {
  readonly key: string;
  readonly integration: T;
}

/** Route that matches a request, with the path parameters. */
export interface FoundRoute<T> extends ApiRoute<T> {
  readonly pathParameters: Readonly<Record<string, string>>;
}

/**
 * Finds the most specific route: exact path, then greedy path, then `$default`; a specific method before `ANY`
 * ("Working with routes for HTTP APIs", section "Routing API requests").
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-routes.html
 */
export function findRoute<T>(
  routes: readonly ApiRoute<T>[],
  method: string,
  path: string,
): FoundRoute<T> | undefined {
  const candidates = routes.flatMap((route) => {
    const pathParameters = match(route.key, method, path);
    return pathParameters === undefined ? [] : [{ ...route, pathParameters }];
  });
  return candidates.sort((one, other) => rank(one.key) - rank(other.key))[0];
}

function match(key: string, method: string, path: string): Record<string, string> | undefined {
  if (key === "$default") return {};
  const [keyMethod = "", template = ""] = key.split(" ");
  if (keyMethod !== "ANY" && keyMethod !== method) return undefined;
  return patternOf(template).exec(path)?.groups ?? undefined;
}

function patternOf(template: string): RegExp {
  const source = template
    .split(/(\{\w+\+?\})/)
    .map((part) => {
      const [, name, greedy] = /^\{(\w+)(\+?)\}$/.exec(part) ?? [];
      if (name === undefined) return part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
      return greedy === "+" ? `(?<${name}>.+)` : `(?<${name}>[^/]+)`;
    })
    .join("");
  // The empty group ensures that `groups` is defined for a pattern without names.
  return new RegExp(`^${source}(?<_>)$`, "s");
}

function rank(key: string): number {
  if (key === "$default") return 100;
  const path = key.includes("+}") ? 20 : key.includes("{") ? 10 : 0;
  return path + (key.startsWith("ANY ") ? 1 : 0);
}
