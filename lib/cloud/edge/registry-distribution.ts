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
import { acknowledgeFindings } from "../acknowledge.ts";
import { FUNCTIONS_FOLDER } from "../compute/bundle.ts";
import { ORIGIN_IDS } from "./origin-ids.ts";
import type { OriginSecrets } from "./origin-secrets.ts";

/** Equal to the timeout of API Gateway. */
const API_READ_TIMEOUT = Duration.seconds(30);

/**
 * Error statuses that CloudFront can cache. Unless the minimum TTL is zero, it caches 404, 414 and 5xx responses to GET and HEAD
 * for ten seconds and ignores `Cache-Control`: a pull right after a push would return "not found".
 * @see https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/HTTPStatusCodes.html
 */
const CACHEABLE_ERROR_STATUSES = [400, 403, 404, 405, 414, 416, 500, 501, 502, 503, 504];

const UNCACHED_ERRORS: ErrorResponse[] = CACHEABLE_ERROR_STATUSES.map((httpStatus) => ({
  httpStatus,
  ttl: Duration.seconds(0),
}));

/** Custom hostname. */
export interface RegistryDomain {
  /** Hostname, for example `registry.example.org`. */
  readonly domainName: string;
  /** Certificate for the hostname; CloudFront requires that it is in us-east-1. */
  readonly certificate: ICertificate;
  /**
   * Hosted zone in which DNS records for the hostname are created.
   * @default - none: the records have to be created separately
   */
  readonly hostedZone?: IHostedZone;
}

/** Options for `RegistryDistribution`. */
export interface RegistryDistributionProps {
  readonly apiHost: string;
  readonly stream: IOrigin;
  readonly originSecrets: OriginSecrets;
  readonly domain?: RegistryDomain | undefined;
  readonly webAclArn?: string | undefined;
}

/** CloudFront distribution that serves all requests under one hostname. Its edge function selects each request's origin. */
export class RegistryDistribution extends Construct {
  readonly distribution: Distribution;
  /** Hostname that clients use. */
  readonly host: string;

  constructor(scope: Construct, id: string, props: RegistryDistributionProps) {
    super(scope, id);
    const { apiHost, stream, originSecrets, domain, webAclArn } = props;
    const behaviour = this.#uncachedBehaviour();
    const api = new HttpOrigin(apiHost, {
      originId: ORIGIN_IDS.api,
      readTimeout: API_READ_TIMEOUT,
      customHeaders: originSecrets.headers,
    });
    this.distribution = new Distribution(this, "Distribution", {
      comment: "A container registry",
      defaultBehavior: { ...behaviour, origin: api },
      // The edge function selects the origin regardless of path patterns, but only among origins that a behaviour uses.
      additionalBehaviors: { "/v2/*/blobs/uploads/*": { ...behaviour, origin: stream } },
      errorResponses: UNCACHED_ERRORS,
      ...(webAclArn === undefined ? {} : { webAclId: webAclArn }),
      ...(domain === undefined ? {} : domainProps(domain)),
    });
    this.host = domain?.domainName ?? this.distribution.distributionDomainName;
    if (domain?.hostedZone !== undefined) this.#createRecords(domain.domainName, domain.hostedZone);
    this.#acknowledge(props);
  }

  /** Returns a behaviour without caching or compression: digests cover exact bytes, and responses depend on the caller. */
  #uncachedBehaviour(): Omit<BehaviorOptions, "origin"> {
    const route = new EdgeFunction(this, "Route", {
      comment: "Selects the origin for each request",
      code: FunctionCode.fromFile({ filePath: join(FUNCTIONS_FOLDER, "edge/route.js") }),
      runtime: FunctionRuntime.JS_2_0,
    });
    return {
      allowedMethods: AllowedMethods.ALLOW_ALL,
      cachePolicy: CachePolicy.CACHING_DISABLED,
      originRequestPolicy: this.#originRequestPolicy(),
      compress: false,
      viewerProtocolPolicy: ViewerProtocolPolicy.HTTPS_ONLY,
      functionAssociations: [{ function: route, eventType: FunctionEventType.VIEWER_REQUEST }],
    };
  }

  /**
   * Forwards all headers except `Host`, which must name the origin, and `Expect`: CloudFront drops `Expect` only if no policy
   * forwards it, and a web function rejects it with 417.
   * @see https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/RequestAndResponseBehaviorCustomOrigin.html
   */
  #originRequestPolicy(): OriginRequestPolicy {
    return new OriginRequestPolicy(this, "Forwarding", {
      comment: "All headers except Host and Expect, and all query strings",
      headerBehavior: OriginRequestHeaderBehavior.denyList("host", "expect"),
      queryStringBehavior: OriginRequestQueryStringBehavior.all(),
    });
  }

  #createRecords(recordName: string, zone: IHostedZone): void {
    const target = RecordTarget.fromAlias(new CloudFrontTarget(this.distribution));
    new ARecord(this, "A", { zone, recordName, target });
    new AaaaRecord(this, "Aaaa", { zone, recordName, target });
  }

  #acknowledge({ domain, webAclArn }: RegistryDistributionProps): void {
    const { distribution } = this;
    acknowledgeFindings(distribution, "The registry serves clients in all countries.", "CFR1");
    acknowledgeFindings(distribution, "Each request is logged by the origin that serves it.", "CFR3");
    if (webAclArn === undefined)
      acknowledgeFindings(
        distribution,
        "WAF incurs a monthly charge; set `webAclArn` where it is required.",
        "CFR2",
      );
    if (domain === undefined)
      acknowledgeFindings(
        distribution,
        "CloudFront fixes the minimum TLS version for its default domain names.",
        "CFR4",
      );
  }
}

function domainProps({ domainName, certificate }: RegistryDomain) {
  return {
    domainNames: [domainName],
    certificate,
    minimumProtocolVersion: SecurityPolicyProtocol.TLS_V1_2_2021,
  };
}
