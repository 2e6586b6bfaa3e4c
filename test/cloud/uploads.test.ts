import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { READ_TIMEOUT_SECONDS } from "../../lib/cloud/compute/uploads.ts";
import { createNodeServer } from "../../lib/http/server/node.ts";
import { at, listOf, property, resourceOf, resourcesOf, statementsOf } from "./template/resources.ts";
import { synthesized } from "./template/synthesized.ts";

const FIFTEEN_MINUTES = 900;
const LONGEST_REGION = "ap-southeast-1";

describe("the web function", () => {
  const template = synthesized();
  const webFunction = resourceOf(template, "AWS::Lambda::WebFunction");
  const revision = resourceOf(template, "AWS::Lambda::WebFunctionRevision");
  const endpoint = resourceOf(template, "AWS::Lambda::WebFunctionEndpoint");
  const bucket = resourceOf(template, "AWS::S3::Bucket", "RegistryUploadsCode");
  const copy = resourceOf(template, "Custom::CDKBucketDeployment");
  const code = property(revision, "BuildConfig", "CodeConfig", "S3Object");

  it("allows 15 minutes for an upload", () => {
    expect(property(revision, "ServiceConfig", "TimeoutSeconds")).toBe(FIFTEEN_MINUTES);
  });

  it("has a failure metric under its own name", () => {
    const alarm = resourceOf(template, "AWS::CloudWatch::Alarm", "RegistryMonitoringStreamFailures");
    const query = JSON.stringify(property(alarm, "Metrics", 0, "Expression"));
    expect(query).toContain(
      'SELECT SUM(HTTPResponseStatusClass5XX) FROM \\"AWS/Lambda/Web\\" WHERE FunctionName = ',
    );
    const [prefix = ""] = listOf(at(property(webFunction, "FunctionName"), "Fn::Join", 1)).map(String);
    expect(prefix.length).toBeGreaterThan(5);
    expect(query).toContain(`'${prefix}`);
  });

  it("is created before its revision, which is created before its endpoint", () => {
    expect(revision.DependsOn).toContain(webFunction.id);
    expect(endpoint.DependsOn).toEqual(expect.arrayContaining([webFunction.id, revision.id]));
  });

  it("has a name that contains the region and is short enough in every region", () => {
    const names = [webFunction, revision, endpoint].map((resource) => property(resource, "FunctionName"));
    expect(names[1]).toEqual(names[0]);
    expect(names[2]).toEqual(names[0]);
    const parts = listOf(at(names[0], "Fn::Join", 1));
    expect(parts).toContainEqual({ Ref: "AWS::Region" });
    const name = parts.map((part) => (typeof part === "string" ? part : LONGEST_REGION)).join("");
    expect(name).toMatch(/^[A-Za-z0-9][\w-]{0,62}[A-Za-z0-9]$/);
  });

  it("runs only the newest revision, and leaves authentication to the application", () => {
    const weights = [{ RevisionId: { "Fn::GetAtt": [revision.id, "RevisionId"] }, Weight: 100 }];
    expect(property(endpoint, "RevisionWeights")).toEqual(weights);
    expect(property(endpoint, "AuthType")).toBe("ApplicationManaged");
  });

  it("has a new revision for new code, because the key contains its hash", () => {
    expect(at(code, "Bucket")).toEqual({ Ref: bucket.id });
    expect(at(code, "Key")).toMatch(/^[0-9a-f]{64}\.zip$/);
    expect(property(copy, "SourceObjectKeys")).toEqual([at(code, "Key")]);
    expect(property(copy, "DestinationBucketName")).toEqual({ Ref: bucket.id });
    expect(property(copy, "Extract")).toBe(false);
    expect(revision.DependsOn).toContain(copy.id);
  });

  it("keeps the code of the previous revision for a rollback", () => {
    expect(property(copy, "Prune")).toBe(false);
    expect(property(bucket, "VersioningConfiguration", "Status")).toBe("Enabled");
  });

  it("is the only function whose code Lambda may read from the bucket", () => {
    const policy = resourceOf(template, "AWS::S3::BucketPolicy", "RegistryUploadsCode");
    const [admitted, ...others] = statementsOf(policy).filter(({ principal }) =>
      JSON.stringify(principal).includes("lambda.amazonaws.com"),
    );
    expect(others).toEqual([]);
    expect(admitted?.actions).toEqual(["s3:GetObject", "s3:GetObjectVersion"]);
    expect(at(admitted?.condition, "StringEquals")).toEqual({
      "aws:SourceAccount": { Ref: "AWS::AccountId" },
    });
    expect(JSON.stringify(at(admitted?.condition, "ArnLike", "aws:SourceArn"))).toContain(":web-function/*");
  });

  it("logs to groups of the stack, which have limited retention", () => {
    const groups = resourcesOf(template, "AWS::Logs::LogGroup").filter(
      (group) => group.id.startsWith("RegistryUploads") && property(group, "LogGroupName") !== undefined,
    );
    expect(groups.map((group) => JSON.stringify(property(group, "LogGroupName"))).sort()).toEqual([
      expect.stringMatching(/"\/aws\/lambda\/web\/.*"\.local"/),
      expect.stringMatching(/"\/aws\/lambda\/web\//),
    ]);
    const logging = property(revision, "ServiceConfig", "TelemetryConfig", "LoggingConfig", "LogGroup");
    expect(groups.map(({ id }) => ({ Ref: id }))).toContainEqual(logging);
  });
});

describe("the container", () => {
  const template = synthesized({ uploads: "fargate" });
  const task = resourceOf(template, "AWS::ECS::TaskDefinition");
  const service = resourceOf(template, "AWS::ECS::Service");
  const balancer = resourceOf(template, "AWS::ElasticLoadBalancingV2::LoadBalancer");
  const group = resourceOf(template, "AWS::ElasticLoadBalancingV2::TargetGroup");
  const dockerfile = readFileSync(join(import.meta.dirname, "../../Dockerfile"), "utf8");

  function attribute(resource: typeof balancer, list: string, key: string): unknown {
    return at(
      listOf(property(resource, list)).find((entry) => at(entry, "Key") === key),
      "Value",
    );
  }

  it("replaces the web function", () => {
    expect(resourcesOf(template, "AWS::Lambda::WebFunction")).toEqual([]);
  });

  it("runs the image of the Dockerfile on arm64, with bucket and table", () => {
    const [port] = listOf(property(task, "ContainerDefinitions", 0, "PortMappings")).map((mapping) =>
      at(mapping, "ContainerPort"),
    );
    expect(dockerfile).toContain(`EXPOSE ${port}\n`);
    expect(dockerfile).toContain('CMD ["serve"]');
    expect(property(task, "RuntimePlatform", "CpuArchitecture")).toBe("ARM64");
    const variables = listOf(property(task, "ContainerDefinitions", 0, "Environment"));
    expect(variables.map((variable) => at(variable, "Name"))).toEqual(
      expect.arrayContaining(["AWS_REGION", "DOCKLESS_BUCKET", "DOCKLESS_TABLE"]),
    );
  });

  it("allows 15 minutes for an upload, even while it is being replaced", () => {
    expect(attribute(group, "TargetGroupAttributes", "deregistration_delay.timeout_seconds")).toBe(
      String(FIFTEEN_MINUTES),
    );
    expect(property(service, "DeploymentConfiguration", "MinimumHealthyPercent")).toBe(100);
  });

  it("counts error responses of the load balancer", () => {
    const alarm = resourceOf(template, "AWS::CloudWatch::Alarm", "RegistryMonitoringStreamFailures");
    const metric = property(alarm, "Metrics", 0, "MetricStat", "Metric");
    expect(at(metric, "MetricName")).toBe("HTTPCode_ELB_5XX_Count");
    expect(JSON.stringify(at(metric, "Dimensions"))).toContain(balancer.id);
  });

  it("keeps connections open longer than the load balancer", () => {
    const server = createNodeServer(async () => ({ status: 200, headers: {} }));
    const idle = Number(attribute(balancer, "LoadBalancerAttributes", "idle_timeout.timeout_seconds"));
    expect(idle).toBeGreaterThan(READ_TIMEOUT_SECONDS);
    expect(idle * 1000).toBeLessThan(server.keepAliveTimeout);
  });

  it("is reachable only through CloudFront", () => {
    expect(property(balancer, "Scheme")).toBe("internal");
    const origin = resourceOf(template, "AWS::CloudFront::VpcOrigin");
    expect(property(origin, "VpcOriginEndpointConfig", "Arn")).toEqual({ Ref: balancer.id });
    const [ownGroup] = listOf(
      property(service, "NetworkConfiguration", "AwsvpcConfiguration", "SecurityGroups"),
    );
    const tasks = String(at(ownGroup, "Fn::GetAtt", 0));
    expect(
      property(resourceOf(template, "AWS::EC2::SecurityGroup", tasks), "SecurityGroupIngress"),
    ).toBeUndefined();
    const admitted = resourcesOf(template, "AWS::EC2::SecurityGroupIngress");
    expect(admitted).toHaveLength(1);
    expect(admitted.map((rule) => at(property(rule, "SourceSecurityGroupId"), "Fn::GetAtt", 0))).toEqual([
      expect.stringContaining("BalancerGroup"),
    ]);
  });

  it("has no NAT gateway, and reaches S3 and DynamoDB by gateway endpoints", () => {
    expect(resourcesOf(template, "AWS::EC2::NatGateway")).toEqual([]);
    const services = resourcesOf(template, "AWS::EC2::VPCEndpoint").map((endpoint) =>
      JSON.stringify(property(endpoint, "ServiceName")),
    );
    expect(services.sort()).toEqual([expect.stringContaining(".dynamodb"), expect.stringContaining(".s3")]);
  });
});
