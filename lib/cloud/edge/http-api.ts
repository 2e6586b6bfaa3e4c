import { Aws, Names } from "aws-cdk-lib";
import { AccessLogFormat } from "aws-cdk-lib/aws-apigateway";
import {
  HttpApi,
  HttpMethod,
  HttpRoute,
  HttpRouteKey,
  HttpStage,
  LogGroupLogDestination,
  MappingValue,
  ParameterMapping,
} from "aws-cdk-lib/aws-apigatewayv2";
import { HttpLambdaIntegration } from "aws-cdk-lib/aws-apigatewayv2-integrations";
import type { RetentionDays } from "aws-cdk-lib/aws-logs";
import { Construct } from "constructs";
import { REGISTRY_HOST_HEADER } from "../../ports/headers.ts";
import { acknowledgeFindings } from "../acknowledge.ts";
import type { Functions } from "../compute/functions.ts";
import type { Limits } from "../config/limits.ts";
import { createLogGroup } from "../logs.ts";

/** Read-only routes. `/v2/` matches neither of them and is served by the default route. */
const PULL_ROUTES = ["/v2", "/v2/{proxy+}"].flatMap((path) =>
  [HttpMethod.GET, HttpMethod.HEAD].map((method) => HttpRouteKey.with(path, method)),
);

/** Access log format: one JSON line per request, including API Gateway and integration errors. */
const ACCESS_LOG = AccessLogFormat.custom(
  JSON.stringify({
    time: "$context.requestTime",
    from: "$context.identity.sourceIp",
    method: "$context.httpMethod",
    path: "$context.path",
    route: "$context.routeKey",
    status: "$context.status",
    function: "$context.integrationStatus",
    error: "$context.error.message",
    functionError: "$context.integrationErrorMessage",
    milliseconds: "$context.responseLatency",
    requestId: "$context.requestId",
  }),
);

/** Options for `RegistryApi`. */
export interface RegistryApiProps {
  readonly limits: Limits;
  readonly logRetention: RetentionDays;
}

/** API Gateway in front of the functions. */
export class RegistryApi extends Construct {
  readonly api: HttpApi;
  readonly stage: HttpStage;

  constructor(scope: Construct, id: string, { limits, logRetention }: RegistryApiProps) {
    super(scope, id);
    this.api = new HttpApi(this, "Api", {
      description: "A container registry",
      createDefaultStage: false,
    });
    // With this prefix, API Gateway's permission to write does not depend on the number of other log groups.
    const name = `/aws/vendedlogs/${Names.uniqueResourceName(this, { maxLength: 100 })}`;
    const logs = createLogGroup(this, "AccessLogs", { retention: logRetention, name });
    this.stage = new HttpStage(this, "Stage", {
      httpApi: this.api,
      autoDeploy: true,
      throttle: { rateLimit: limits.apiRateLimit, burstLimit: limits.apiBurstLimit },
      accessLogSettings: { destination: new LogGroupLogDestination(logs), format: ACCESS_LOG },
    });
  }

  /** Hostname of the origin for CloudFront. */
  get host(): string {
    return `${this.api.apiId}.execute-api.${Aws.REGION}.${Aws.URL_SUFFIX}`;
  }

  /** Adds the routes. @param registry hostname that clients use */
  route({ pull, api }: Functions, registry: string): void {
    const parameterMapping = new ParameterMapping().overwriteHeader(
      REGISTRY_HOST_HEADER,
      MappingValue.custom(registry),
    );
    const options = { parameterMapping, scopePermissionToRoute: false };
    const reading = new HttpLambdaIntegration("Pull", pull, options);
    const rest = new HttpLambdaIntegration("Api", api, options);
    for (const key of PULL_ROUTES) this.#add(key, reading);
    this.#add(HttpRouteKey.DEFAULT, rest);
  }

  #add(routeKey: HttpRouteKey, integration: HttpLambdaIntegration): void {
    const id = routeKey.key.replaceAll(/\W+/g, "-");
    const route = new HttpRoute(this, `Route-${id}`, { httpApi: this.api, routeKey, integration });
    acknowledgeFindings(
      route,
      "The registry itself authenticates and authorizes requests, as the protocol specifies.",
      "APIG4",
    );
  }
}
