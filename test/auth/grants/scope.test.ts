import { expect, it } from "vitest";
import { parseScopes } from "../../../lib/auth/grants/scope.ts";

it.each<[readonly string[], readonly object[]]>([
  [[], []],
  [["repository:a:pull"], [{ type: "repository", name: "a", actions: ["pull"] }]],
  [["repository:a:push,pull"], [{ type: "repository", name: "a", actions: ["pull", "push"] }]],
  [
    ["repository:a:push", "repository:b:pull", "repository:a:pull,delete"],
    [
      { type: "repository", name: "a", actions: ["pull", "push", "delete"] },
      { type: "repository", name: "b", actions: ["pull"] },
    ],
  ],
  [["registry:catalog:*", "registry:catalog:*"], [{ type: "catalog" }]],
  [
    ["registry:catalog:*", "repository:a:pull"],
    [{ type: "catalog" }, { type: "repository", name: "a", actions: ["pull"] }],
  ],
  [["repository:A:pull", "repository:a", "text"], []],
])("the scopes %j are merged by repository", (texts, scopes) => {
  expect(parseScopes(texts)).toEqual(scopes);
});
