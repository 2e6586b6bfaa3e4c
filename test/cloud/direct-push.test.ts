import { describe, expect, it } from "vitest";
import { at, property, resourceOf, resourcesOf } from "./template/resources.ts";
import { type Props, synthesized } from "./template/synthesized.ts";

const WEB_ACL = "arn:aws:wafv2:us-east-1:123456789012:global/webacl/filter/1234";
const BYPASS =
  "directPush bypasses the web ACL, which covers CloudFront only: omit webAclArn, or acknowledge this by setting";
const FARGATE =
  "directPush is not available with Fargate, which is reachable only through CloudFront: set uploads to";

function variablesOf(template: ReturnType<typeof synthesized>): unknown {
  const revision = resourceOf(template, "AWS::Lambda::WebFunctionRevision");
  return property(revision, "ServiceConfig", "EnvironmentVariables");
}

describe("a stack with direct pushes", () => {
  const template = synthesized({ directPush: true });

  it("outputs the URL of the web function's own hostname", () => {
    const { id } = resourceOf(template, "AWS::Lambda::WebFunctionEndpoint");
    expect(at(template.findOutputs("DirectPushUrl"), "DirectPushUrl", "Value")).toEqual({
      "Fn::Join": ["", ["https://", { "Fn::GetAtt": [id, "DomainName"] }]],
    });
  });

  it("enables direct pushes only in the web function, not at API Gateway's own address", () => {
    expect(variablesOf(template)).toHaveProperty("DOCKLESS_DIRECT_PUSH", "true");
    for (const resource of resourcesOf(template, "AWS::Lambda::Function"))
      expect(JSON.stringify(resource)).not.toContain("DOCKLESS_DIRECT_PUSH");
  });
});

it.each<[string, Props]>([
  ["by default", {}],
  ["that refuses them", { directPush: false }],
  ["with Fargate", { uploads: "fargate" }],
])("a stack %s has no URL for direct pushes", (_, props) => {
  expect(synthesized(props).findOutputs("DirectPushUrl")).toEqual({});
});

it("a stack without direct pushes disables them in the web function", () => {
  expect(variablesOf(synthesized())).not.toHaveProperty("DOCKLESS_DIRECT_PUSH");
});

describe("direct pushes", () => {
  it.each<[string, Props, string]>([
    ["with a web ACL", { directPush: true, webAclArn: WEB_ACL }, BYPASS],
    ["with Fargate", { directPush: true, uploads: "fargate" }, FARGATE],
  ])("are rejected: %s", (_, props, message) => {
    expect(() => synthesized(props)).toThrow(`ERROR ${message}`);
  });

  it.each<[string, Props]>([
    [
      "with a web ACL that they may bypass",
      { directPush: true, webAclArn: WEB_ACL, directPushBypassesWebAcl: true },
    ],
    ["without a web ACL", { directPush: true }],
    ["with the default runtime, named", { directPush: true, uploads: "web-function" }],
  ])("are accepted: %s", (_, props) => {
    expect(() => synthesized(props)).not.toThrow();
  });
});
