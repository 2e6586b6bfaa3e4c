import type { ParameterMapping } from "../api-gateway/mapping.ts";
import type { Rate } from "../token-bucket.ts";
import { REGION } from "./names.ts";
import type { Template } from "./template.ts";

interface RouteModel {
  readonly key: string;
  readonly functionArn: string;
  readonly mapping: ParameterMapping;
  /** Time limit in milliseconds. */
  readonly timeout: number;
}

/** HTTP API in the template. */
export interface ApiModel {
  readonly apiId: string;
  readonly domainName: string;
  readonly routes: readonly RouteModel[];
  /** Undefined if only the account's quota applies, which is not emulated. */
  readonly throttle: Rate | undefined;
}

/** "Integration timeout 50 - 30,000 milliseconds", HTTP API quotas; the default is the maximum. */
const MAX_TIMEOUT_MILLISECONDS = 30_000;

/** Reads the stack's HTTP API. */
export function parseApi(template: Template): ApiModel {
  const api = template.only("AWS::ApiGatewayV2::Api");
  const properties = template.propertiesOf(api).ignore("Name", "Description", "Tags");
  properties.requireOneOf("ProtocolType", "HTTP");
  properties.rejectUnread();
  const throttle = parseStage(template);
  const apiId = template.nameOf(api);
  const routes = routesOf(template);
  for (const { functionArn } of routes) checkPermission(template, apiId, functionArn);
  return { apiId, domainName: `${apiId}.execute-api.${REGION}.amazonaws.com`, routes, throttle };
}

/**
 * Parses the stage's throttling. Requires the default stage, which adds no path segment.
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-stages.html
 */
function parseStage(template: Template): Rate | undefined {
  const stage = template.propertiesOf(template.only("AWS::ApiGatewayV2::Stage"));
  stage.ignore("AccessLogSettings", "ApiId", "Description", "Tags");
  stage.requireOneOf("StageName", "$default");
  stage.requireOneOf("AutoDeploy", true);
  const settings = stage.optional("DefaultRouteSettings");
  stage.rejectUnread();
  if (settings === undefined) return undefined;
  const throttle = {
    rate: settings.number("ThrottlingRateLimit"),
    burst: settings.number("ThrottlingBurstLimit"),
  };
  settings.rejectUnread();
  return throttle;
}

function routesOf(template: Template): readonly RouteModel[] {
  const integrations = new Map(
    template.ofType("AWS::ApiGatewayV2::Integration").map((resource) => {
      const integration = template.propertiesOf(resource).ignore("ApiId", "Description");
      integration.requireOneOf("IntegrationType", "AWS_PROXY");
      integration.requireOneOf("PayloadFormatVersion", "2.0");
      const model = {
        functionArn: integration.text("IntegrationUri"),
        mapping: integration.record("RequestParameters"),
        timeout: integration.number("TimeoutInMillis", MAX_TIMEOUT_MILLISECONDS),
      };
      integration.rejectUnread();
      const target: string = `integrations/${template.nameOf(resource)}`;
      return [target, model] as const;
    }),
  );
  return template.ofType("AWS::ApiGatewayV2::Route").map((resource) => {
    const route = template.propertiesOf(resource).ignore("ApiId");
    route.requireOneOf("AuthorizationType", "NONE", undefined);
    const integration = integrations.get(route.text("Target"));
    if (integration === undefined) throw new Error(`${route.where} has no integration`);
    const key = route.text("RouteKey");
    route.rejectUnread();
    return { key, ...integration };
  });
}

/** Requires a permission for API Gateway to invoke the function: without it, Lambda would reject the calls. */
function checkPermission(template: Template, apiId: string, functionArn: string): void {
  const isGranted = template.ofType("AWS::Lambda::Permission").some((resource) => {
    const permission = template.propertiesOf(resource);
    return (
      permission.text("FunctionName") === functionArn &&
      permission.text("Principal") === "apigateway.amazonaws.com" &&
      permission.text("SourceArn").includes(`:${apiId}/`)
    );
  });
  if (!isGranted) throw new Error(`API Gateway is not allowed to invoke ${functionArn}`);
}
