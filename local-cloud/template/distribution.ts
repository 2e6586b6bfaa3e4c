import { checkOriginHeaders } from "../cloudfront/origin-headers.ts";
import type { Properties } from "./properties.ts";
import type { Template } from "./template.ts";

/** Origin in the template. */
export interface OriginModel {
  readonly id: string;
  readonly domainName: string;
  /** Read timeout in seconds. */
  readonly readTimeout: number;
  readonly headers: readonly (readonly [name: string, value: string])[];
}

interface BehaviourModel {
  /** Path pattern; undefined for the default behaviour. */
  readonly pattern: string | undefined;
  readonly originId: string;
  readonly methods: readonly string[];
  /** Code of the viewer request function. */
  readonly viewerRequest: string | undefined;
  /** Lower-case names of the viewer headers that are not forwarded to the origin. */
  readonly droppedHeaders: readonly string[];
}

/** Distribution in the template. */
export interface DistributionModel {
  readonly origins: readonly OriginModel[];
  readonly behaviours: readonly BehaviourModel[];
  /** Minimum TTL in seconds for cached error responses, by status; other statuses use the default TTL. */
  readonly errorCaching: ReadonlyMap<number, number>;
}

/** AWS managed policy CachingDisabled; the emulator supports no other cache policy. */
const CACHING_DISABLED = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad";
/** AWS managed policy AllViewerExceptHostHeader, which forwards `Expect`. */
const ALL_VIEWER_EXCEPT_HOST = "b689b0a8-53d0-40ab-baf2-68738e2966ac";

/** Default TTL in seconds: "By default, when your origin returns an HTTP 4xx or 5xx status code, CloudFront caches these error responses for 10 seconds". */
const DEFAULT_ERROR_TTL_SECONDS = 10;

const MAX_READ_TIMEOUT_SECONDS = 120;

/** Reads the stack's distribution. */
export function parseDistribution(template: Template): DistributionModel {
  const config = template
    .propertiesOf(template.only("AWS::CloudFront::Distribution"))
    .object("DistributionConfig");
  config.ignore("Comment", "HttpVersion", "IPV6Enabled", "PriceClass");
  config.requireOneOf("Enabled", true);
  const codes = codesOf(template);
  const policies = policiesOf(template);
  const model = {
    origins: config.objects("Origins").map(parseOrigin),
    behaviours: [...config.objects("CacheBehaviors"), config.object("DefaultCacheBehavior")].map(
      (behaviour) => parseBehaviour(behaviour, codes, policies),
    ),
    errorCaching: new Map(config.objects("CustomErrorResponses").map(parseErrorResponse)),
  };
  config.rejectUnread();
  return model;
}

function parseOrigin(properties: Properties): OriginModel {
  const custom = properties.object("CustomOriginConfig").ignore("OriginSSLProtocols");
  custom.requireOneOf("OriginProtocolPolicy", "https-only");
  const readTimeout = custom.number("OriginReadTimeout", 30);
  if (readTimeout > MAX_READ_TIMEOUT_SECONDS)
    throw new Error(`${custom.where} has an unsupported read timeout of ${readTimeout} s`);
  custom.rejectUnread();
  const headers = properties
    .objects("OriginCustomHeaders")
    .map((header) => [header.text("HeaderName"), header.text("HeaderValue")] as const);
  checkOriginHeaders(headers);
  const model = {
    id: properties.text("Id"),
    domainName: properties.text("DomainName"),
    readTimeout,
    headers,
  };
  properties.rejectUnread();
  return model;
}

/** Parses an error response configuration without a custom page: the origin's response is relayed unchanged. */
function parseErrorResponse(properties: Properties): readonly [status: number, seconds: number] {
  const status = properties.number("ErrorCode");
  const seconds = properties.number("ErrorCachingMinTTL", DEFAULT_ERROR_TTL_SECONDS);
  properties.rejectUnread();
  return [status, seconds];
}

/** Returns the headers that each origin request policy in the template does not forward, by policy id. */
function policiesOf(template: Template): ReadonlyMap<string, readonly string[]> {
  const policies = new Map<string, readonly string[]>([[ALL_VIEWER_EXCEPT_HOST, ["host"]]]);
  for (const resource of template.ofType("AWS::CloudFront::OriginRequestPolicy")) {
    const properties = template.propertiesOf(resource);
    const config = properties.object("OriginRequestPolicyConfig").ignore("Name", "Comment");
    policies.set(String(template.resolve({ Ref: resource.id })), droppedBy(config));
    config.rejectUnread();
    properties.rejectUnread();
  }
  return policies;
}

function droppedBy(config: Properties): readonly string[] {
  config.object("CookiesConfig").requireOneOf("CookieBehavior", "none");
  config.object("QueryStringsConfig").requireOneOf("QueryStringBehavior", "all");
  const headers = config.object("HeadersConfig");
  headers.requireOneOf("HeaderBehavior", "allExcept");
  const dropped = headers.texts("Headers").map((name) => name.toLowerCase());
  headers.rejectUnread();
  return dropped;
}

function parseBehaviour(
  properties: Properties,
  codes: ReadonlyMap<string, string>,
  policies: ReadonlyMap<string, readonly string[]>,
): BehaviourModel {
  properties.requireOneOf("CachePolicyId", CACHING_DISABLED);
  const policy = properties.text("OriginRequestPolicyId");
  const droppedHeaders = policies.get(policy);
  if (droppedHeaders === undefined) throw new Error(`${properties.where} has the unknown policy ${policy}`);
  properties.requireOneOf("Compress", false);
  properties.requireOneOf("ViewerProtocolPolicy", "https-only", "redirect-to-https");
  const [association, ...others] = properties.objects("FunctionAssociations");
  if (others.length > 0) throw new Error(`${properties.where} has more than one function`);
  association?.requireOneOf("EventType", "viewer-request");
  const methods = properties.texts("AllowedMethods");
  const model = {
    pattern: properties.has("PathPattern") ? properties.text("PathPattern") : undefined,
    originId: properties.text("TargetOriginId"),
    methods: methods.length === 0 ? ["GET", "HEAD"] : methods,
    viewerRequest: association === undefined ? undefined : codes.get(association.text("FunctionARN")),
    droppedHeaders,
  };
  properties.rejectUnread();
  return model;
}

function codesOf(template: Template): ReadonlyMap<string, string> {
  return new Map(
    template.ofType("AWS::CloudFront::Function").map((resource) => {
      const properties = template.propertiesOf(resource).ignore("Name", "Comment");
      properties.object("FunctionConfig").requireOneOf("Runtime", "cloudfront-js-2.0");
      properties.requireOneOf("AutoPublish", true);
      const code = properties.text("FunctionCode");
      properties.rejectUnread();
      const arn = String(template.resolve({ "Fn::GetAtt": [resource.id, "FunctionARN"] }));
      return [arn, code] as const;
    }),
  );
}
