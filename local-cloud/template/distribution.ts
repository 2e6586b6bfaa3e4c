import type { Properties } from "./properties.ts";
import type { Template } from "./template.ts";

export interface OriginModel {
  readonly id: string;
  readonly domainName: string;
  /** Seconds. */
  readonly readTimeout: number;
  readonly headers: readonly (readonly [name: string, value: string])[];
}

interface BehaviourModel {
  /** Undefined for the default. */
  readonly pattern: string | undefined;
  readonly originId: string;
  readonly methods: readonly string[];
  /** The code of the function that runs at the viewer's request. */
  readonly viewerRequest: string | undefined;
}

export interface DistributionModel {
  readonly origins: readonly OriginModel[];
  readonly behaviours: readonly BehaviourModel[];
}

/** AWS's own policies CachingDisabled and AllViewerExceptHostHeader; no others are played here. */
const CACHING_DISABLED = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad";
const ALL_VIEWER_EXCEPT_HOST = "b689b0a8-53d0-40ab-baf2-68738e2966ac";

const MAX_READ_TIMEOUT = 120;

export function distributionOf(template: Template): DistributionModel {
  const config = template
    .propertiesOf(template.only("AWS::CloudFront::Distribution"))
    .object("DistributionConfig");
  config.withoutEffect("Comment", "HttpVersion", "IPV6Enabled", "PriceClass");
  config.oneOf("Enabled", true);
  const codes = codesOf(template);
  const model = {
    origins: config.objects("Origins").map(parseOrigin),
    behaviours: [...config.objects("CacheBehaviors"), config.object("DefaultCacheBehavior")].map(
      (behaviour) => parseBehaviour(behaviour, codes),
    ),
  };
  config.finish();
  return model;
}

function parseOrigin(properties: Properties): OriginModel {
  const custom = properties.object("CustomOriginConfig").withoutEffect("OriginSSLProtocols");
  custom.oneOf("OriginProtocolPolicy", "https-only");
  const readTimeout = custom.number("OriginReadTimeout", 30);
  if (readTimeout > MAX_READ_TIMEOUT) throw new Error(`${custom.where} waits for ${readTimeout} s`);
  custom.finish();
  const headers = properties
    .objects("OriginCustomHeaders")
    .map((header) => [header.text("HeaderName"), header.text("HeaderValue")] as const);
  const model = {
    id: properties.text("Id"),
    domainName: properties.text("DomainName"),
    readTimeout,
    headers,
  };
  properties.finish();
  return model;
}

function parseBehaviour(properties: Properties, codes: ReadonlyMap<string, string>): BehaviourModel {
  properties.oneOf("CachePolicyId", CACHING_DISABLED);
  properties.oneOf("OriginRequestPolicyId", ALL_VIEWER_EXCEPT_HOST);
  properties.oneOf("Compress", false);
  properties.oneOf("ViewerProtocolPolicy", "https-only", "redirect-to-https");
  const [association, ...others] = properties.objects("FunctionAssociations");
  if (others.length > 0) throw new Error(`${properties.where} has more than one function`);
  association?.oneOf("EventType", "viewer-request");
  const methods = properties.texts("AllowedMethods");
  const model = {
    pattern: properties.has("PathPattern") ? properties.text("PathPattern") : undefined,
    originId: properties.text("TargetOriginId"),
    methods: methods.length === 0 ? ["GET", "HEAD"] : methods,
    viewerRequest: association === undefined ? undefined : codes.get(association.text("FunctionARN")),
  };
  properties.finish();
  return model;
}

function codesOf(template: Template): ReadonlyMap<string, string> {
  return new Map(
    template.ofType("AWS::CloudFront::Function").map((resource) => {
      const properties = template.propertiesOf(resource).withoutEffect("Name", "Comment");
      properties.object("FunctionConfig").oneOf("Runtime", "cloudfront-js-2.0");
      properties.oneOf("AutoPublish", true);
      const code = properties.text("FunctionCode");
      properties.finish();
      const arn = String(template.resolve({ "Fn::GetAtt": [resource.id, "FunctionARN"] }));
      return [arn, code] as const;
    }),
  );
}
