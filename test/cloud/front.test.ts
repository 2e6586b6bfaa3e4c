import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Template } from "aws-cdk-lib/assertions";
import { CachePolicy } from "aws-cdk-lib/aws-cloudfront";
import { describe, expect, it } from "vitest";
import { ORIGIN_IDS } from "../../lib/cloud/edge/origin-ids.ts";
import { at, listOf, property, type Resource, resourceOf, resourcesOf } from "./template/resources.ts";
import { synthesized } from "./template/synthesized.ts";
import { withDomain } from "./template/variants.ts";

const template = synthesized();
const distribution = resourceOf(template, "AWS::CloudFront::Distribution");
const config = property(distribution, "DistributionConfig");
const edge = readFileSync(join(import.meta.dirname, "../../functions/edge/route.js"), "utf8");

describe.each([
  ["all requests except uploads", at(config, "DefaultCacheBehavior")],
  ["uploads", at(config, "CacheBehaviors", 0)],
] as const)("for %s,", (_, behaviour) => {
  it("nothing is cached", () => {
    expect(at(behaviour, "CachePolicyId")).toBe(CachePolicy.CACHING_DISABLED.cachePolicyId);
  });

  it("bodies reach the application unchanged", () => {
    expect(at(behaviour, "Compress")).toBe(false);
  });

  it("every method is forwarded, with all of the client's headers except Host and Expect", () => {
    expect(listOf(at(behaviour, "AllowedMethods")).toSorted()).toEqual([
      "DELETE",
      "GET",
      "HEAD",
      "OPTIONS",
      "PATCH",
      "POST",
      "PUT",
    ]);
    const policy = resourceOf(template, "AWS::CloudFront::OriginRequestPolicy");
    expect(at(behaviour, "OriginRequestPolicyId")).toEqual({ Ref: policy.id });
    const forwarded = property(policy, "OriginRequestPolicyConfig");
    expect(at(forwarded, "HeadersConfig")).toEqual({
      HeaderBehavior: "allExcept",
      Headers: ["host", "expect"],
    });
    expect(at(forwarded, "QueryStringsConfig", "QueryStringBehavior")).toBe("all");
  });

  it("requests without TLS are rejected", () => {
    expect(at(behaviour, "ViewerProtocolPolicy")).toBe("https-only");
  });

  it("the function selects the origin", () => {
    const { id } = resourceOf(template, "AWS::CloudFront::Function");
    expect(at(behaviour, "FunctionAssociations")).toEqual([
      { EventType: "viewer-request", FunctionARN: { "Fn::GetAtt": [id, "FunctionARN"] } },
    ]);
  });
});

it("preflight requests of browsers reach the application, since API Gateway handles none itself", () => {
  const api = resourceOf(template, "AWS::ApiGatewayV2::Api");
  expect(Object.keys(Object(api.Properties))).not.toContain("CorsConfiguration");
  const routes = resourcesOf(template, "AWS::ApiGatewayV2::Route").map((route) =>
    property(route, "RouteKey"),
  );
  expect(routes).toContain("$default");
});

it.each([400, 403, 404, 405, 414, 416, 500, 501, 502, 503, 504])(
  "an error of status %d is not cached for other clients",
  (status) => {
    const responses = listOf(at(config, "CustomErrorResponses"));
    const response = responses.find((candidate) => at(candidate, "ErrorCode") === status);
    expect(response).toEqual({ ErrorCode: status, ErrorCachingMinTTL: 0 });
  },
);

describe("the function at the edge", () => {
  const deployed = resourceOf(template, "AWS::CloudFront::Function");

  it("is deployed unchanged from its file, and is smaller than 10 KB", () => {
    expect(property(deployed, "FunctionCode")).toBe(edge);
    expect(property(deployed, "FunctionConfig", "Runtime")).toBe("cloudfront-js-2.0");
    expect(Buffer.byteLength(edge)).toBeLessThan(10_240);
  });

  it("names only origins of the distribution", () => {
    const [, origins = ""] = /function originFor\(request\) \{([^}]*)\}/.exec(edge) ?? [];
    const named = new Set([...origins.matchAll(/[?:n] "(\w+)"/g)].map(([, name]) => name));
    expect([...named].sort()).toEqual(Object.values(ORIGIN_IDS).sort());
    for (const variant of [template, synthesized({ uploads: "fargate" })]) {
      const found = resourceOf(variant, "AWS::CloudFront::Distribution");
      const origins = listOf(property(found, "DistributionConfig", "Origins"));
      expect(origins.map((origin) => at(origin, "Id")).sort()).toEqual([...named].sort());
    }
  });
});

describe("a response may take", () => {
  const readTimeoutOf = (id: string, of: Template = template) => {
    const origins = listOf(
      property(resourceOf(of, "AWS::CloudFront::Distribution"), "DistributionConfig", "Origins"),
    );
    const origin = origins.find((candidate) => at(candidate, "Id") === id);
    return (
      at(origin, "CustomOriginConfig", "OriginReadTimeout") ??
      at(origin, "VpcOriginConfig", "OriginReadTimeout")
    );
  };

  it.each(["web-function", "fargate"] as const)(
    "up to 120 seconds from the upload origin (%s)",
    (uploads) => {
      expect(readTimeoutOf("stream", synthesized({ uploads }))).toBe(120);
    },
  );

  it("up to 30 seconds from API Gateway, and less from the functions, so that they log the timeout", () => {
    expect(readTimeoutOf("api")).toBe(30);
    for (const name of ["RegistryFunctionsPull", "RegistryFunctionsApi"])
      expect(property(resourceOf(template, "AWS::Lambda::Function", name), "Timeout")).toBeLessThan(30);
  });
});

describe("API Gateway", () => {
  const integrationOf = (route: Resource) => {
    const target = JSON.stringify(property(route, "Target"));
    return resourcesOf(template, "AWS::ApiGatewayV2::Integration").find(({ id }) =>
      target.includes(`"${id}"`),
    );
  };
  const functionOf = (route: Resource) =>
    JSON.stringify(property(integrationOf(route) ?? route, "IntegrationUri"));

  it("routes GET and HEAD to the read-only function, and all other requests to the API function", () => {
    const routes = resourcesOf(template, "AWS::ApiGatewayV2::Route").map((route) => [
      property(route, "RouteKey"),
      /RegistryFunctions(Pull|Api)/.exec(functionOf(route))?.[1],
    ]);
    expect(Object.fromEntries(routes)).toEqual({
      "GET /v2": "Pull",
      "HEAD /v2": "Pull",
      "GET /v2/{proxy+}": "Pull",
      "HEAD /v2/{proxy+}": "Pull",
      $default: "Api",
    });
  });

  it("sends the hostname for clients to the functions, and overwrites a value from the client", () => {
    for (const integration of resourcesOf(template, "AWS::ApiGatewayV2::Integration")) {
      expect(property(integration, "RequestParameters", "overwrite:header.x-dockless-registry")).toEqual({
        "Fn::GetAtt": [distribution.id, "DomainName"],
      });
      expect(property(integration, "PayloadFormatVersion")).toBe("2.0");
    }
  });

  it("logs each request", () => {
    const stage = resourceOf(template, "AWS::ApiGatewayV2::Stage");
    expect(property(stage, "StageName")).toBe("$default");
    expect(property(stage, "AccessLogSettings", "DestinationArn")).toBeDefined();
  });
});

describe("with a custom hostname", () => {
  const named = synthesized(withDomain);

  it("the distribution has the hostname and its certificate", () => {
    const found = property(resourceOf(named, "AWS::CloudFront::Distribution"), "DistributionConfig");
    expect(at(found, "Aliases")).toEqual(["registry.example.org"]);
    expect(at(found, "ViewerCertificate", "MinimumProtocolVersion")).toBe("TLSv1.2_2021");
  });

  it("the zone has records for IPv4 and IPv6", () => {
    const records = resourcesOf(named, "AWS::Route53::RecordSet");
    expect(records.map((record) => property(record, "Type")).sort()).toEqual(["A", "AAAA"]);
    for (const record of records) expect(property(record, "Name")).toBe("registry.example.org.");
  });

  it("functions and outputs use the hostname", () => {
    for (const integration of resourcesOf(named, "AWS::ApiGatewayV2::Integration"))
      expect(property(integration, "RequestParameters", "overwrite:header.x-dockless-registry")).toBe(
        "registry.example.org",
      );
    expect(at(named.findOutputs("RegistryUrl"), "RegistryUrl", "Value")).toBe("https://registry.example.org");
  });

  it("a configured web ACL filters requests", () => {
    const found = property(resourceOf(named, "AWS::CloudFront::Distribution"), "DistributionConfig");
    expect(at(found, "WebACLId")).toContain(":global/webacl/");
    expect(at(config, "WebACLId")).toBeUndefined();
  });
});
