import { join } from "node:path";
import { Duration } from "aws-cdk-lib";
import type { ICertificate } from "aws-cdk-lib/aws-certificatemanager";
import {
  AllowedMethods,
  type BehaviorOptions,
  CachePolicy,
  Distribution,
  Function as EdgeFunction,
  type ErrorResponse,
  FunctionCode,
  FunctionEventType,
  FunctionRuntime,
  type IOrigin,
  OriginRequestHeaderBehavior,
  OriginRequestPolicy,
  OriginRequestQueryStringBehavior,
  SecurityPolicyProtocol,
  ViewerProtocolPolicy,
} from "aws-cdk-lib/aws-cloudfront";
import { HttpOrigin } from "aws-cdk-lib/aws-cloudfront-origins";
import { AaaaRecord, ARecord, type IHostedZone, RecordTarget } from "aws-cdk-lib/aws-route53";
import { CloudFrontTarget } from "aws-cdk-lib/aws-route53-targets";
import { Construct } from "constructs";
import { acknowledge } from "../acknowledge.ts";
import { FUNCTIONS } from "../compute/bundle.ts";

/** What CloudFront's function calls the origin for all but large bodies: functions/edge/route.js */
const API = "api";

/** As long as API Gateway itself waits. */
const API_READ_TIMEOUT = Duration.seconds(30);

/**
 * Statuses of error answers that CloudFront can cache. Without a minimum TTL of zero it caches 404, 414 and 5xx answers to GET
 * and HEAD for ten seconds, whatever `Cache-Control` says: a pull right after a push would answer "not found".
 * @see https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/HTTPStatusCodes.html
 */
const CACHED_STATUSES = [400, 403, 404, 405, 414, 416, 500, 501, 502, 503, 504];

const UNCACHED_ERRORS: ErrorResponse[] = CACHED_STATUSES.map((httpStatus) => ({
  httpStatus,
  ttl: Duration.seconds(0),
}));

/** A hostname of one's own. */
export interface RegistryDomain {
  /** For example `registry.example.org`. */
  readonly domainName: string;
  /** Must cover the name, and lie in us-east-1, where CloudFront looks for it. */
  readonly certificate: ICertificate;
  /**
   * Where the name is to be entered.
   * @default - none: whoever runs the zone points the name to the distribution
   */
  readonly hostedZone?: IHostedZone;
}

export interface FrontProps {
  readonly apiHost: string;
  readonly stream: IOrigin;
  readonly domain?: RegistryDomain | undefined;
  readonly webAclArn?: string | undefined;
}

/** One hostname for all: a distribution whose function picks the origin of each request. */
export class Front extends Construct {
  readonly distribution: Distribution;
  /** The hostname that clients use. */
  readonly host: string;

  constructor(scope: Construct, id: string, props: FrontProps) {
    super(scope, id);
    const { apiHost, stream, domain, webAclArn } = props;
    const behaviour = this.#passing();
    const api = new HttpOrigin(apiHost, { originId: API, readTimeout: API_READ_TIMEOUT });
    this.distribution = new Distribution(this, "Distribution", {
      comment: "A container registry",
      defaultBehavior: { ...behaviour, origin: api },
      // The function decides, whatever the path; but it can pick only an origin that some behaviour has.
      additionalBehaviors: { "/v2/*/blobs/uploads/*": { ...behaviour, origin: stream } },
      errorResponses: UNCACHED_ERRORS,
      ...(webAclArn === undefined ? {} : { webAclId: webAclArn }),
      ...(domain === undefined ? {} : named(domain)),
    });
    this.host = domain?.domainName ?? this.distribution.distributionDomainName;
    if (domain?.hostedZone !== undefined) this.#enter(domain.domainName, domain.hostedZone);
    this.#acknowledge(props);
  }

  /** All goes through as it is: digests are over exact bytes, and every answer may depend on who asks. */
  #passing(): Omit<BehaviorOptions, "origin"> {
    const route = new EdgeFunction(this, "Route", {
      comment: "Picks the origin of each request",
      code: FunctionCode.fromFile({ filePath: join(FUNCTIONS, "edge/route.js") }),
      runtime: FunctionRuntime.JS_2_0,
    });
    return {
      allowedMethods: AllowedMethods.ALLOW_ALL,
      cachePolicy: CachePolicy.CACHING_DISABLED,
      originRequestPolicy: this.#forwarding(),
      compress: false,
      viewerProtocolPolicy: ViewerProtocolPolicy.HTTPS_ONLY,
      functionAssociations: [{ function: route, eventType: FunctionEventType.VIEWER_REQUEST }],
    };
  }

  /**
   * Forwards everything but `Host`, which names the origin, and `Expect`: CloudFront drops `Expect` only if no policy forwards
   * it, and a web function answers it with 417.
   * @see https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/RequestAndResponseBehaviorCustomOrigin.html
   */
  #forwarding(): OriginRequestPolicy {
    return new OriginRequestPolicy(this, "Forwarding", {
      comment: "All headers but Host and Expect, and all query strings",
      headerBehavior: OriginRequestHeaderBehavior.denyList("host", "expect"),
      queryStringBehavior: OriginRequestQueryStringBehavior.all(),
    });
  }

  #enter(recordName: string, zone: IHostedZone): void {
    const target = RecordTarget.fromAlias(new CloudFrontTarget(this.distribution));
    new ARecord(this, "A", { zone, recordName, target });
    new AaaaRecord(this, "Aaaa", { zone, recordName, target });
  }

  #acknowledge({ domain, webAclArn }: FrontProps): void {
    const { distribution } = this;
    acknowledge(distribution, "A registry serves clients wherever they are.", "CFR1");
    acknowledge(distribution, "Each request is logged by the origin that answers it.", "CFR3");
    if (webAclArn === undefined)
      acknowledge(
        distribution,
        "WAF has a price by the month: `webAclArn` adds it where it is wanted.",
        "CFR2",
      );
    if (domain === undefined)
      acknowledge(distribution, "CloudFront sets the protocols of its own hostnames.", "CFR4");
  }
}

function named({ domainName, certificate }: RegistryDomain) {
  return {
    domainNames: [domainName],
    certificate,
    minimumProtocolVersion: SecurityPolicyProtocol.TLS_V1_2_2021,
  };
}
