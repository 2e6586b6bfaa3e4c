/** List price in us-east-1 on demand, without any free tier. */
export interface Price {
  readonly what: string;
  /** Dollars for `units` of the unit. */
  readonly dollars: number;
  readonly units: number;
  readonly unit: string;
  /** The page that the price was compared with, and the day; or that there is none. */
  readonly source: string;
}

const FROM_MEMORY = "from memory";
const CLOUDFRONT_PAGE = "checked against aws.amazon.com/cloudfront/pricing (an archived copy) on 2026-11-28";
const INFRACOST =
  "checked against Infracost's output for a distribution (github.com/vreutova/infracost-idem-support/pull/15) on 2026-11-28";
const HTTP_API = "checked against apigatewaycost.com/aws on 2026-11-28";
const LAMBDA =
  "checked against a page of prices of Lambda (git.mcrn.ar/mariano/lambda_local_runner) on 2026-11-28";
const DYNAMODB = "checked against airbyte.com/data-engineering-resources/dynamodb-pricing on 2026-11-28";

const MILLION = 1e6;
const GB = 1e9;

/** Prices by name. */
export const PRICES = {
  cloudfrontRequest: {
    ...{ what: "CloudFront: HTTPS requests", dollars: 1, units: MILLION, unit: "million" },
    source:
      "checked against factualminds.com/blog/amazon-cloudfront-pricing-regional-tiers-requests-security on 2026-11-28",
  },
  cloudfrontFunction: {
    ...{ what: "CloudFront Functions: invocations", dollars: 0.1, units: MILLION, unit: "million" },
    source: "checked against cur.vantage.sh/aws/amazoncloudfront on 2026-11-28",
  },
  cloudfrontUpload: {
    ...{ what: "CloudFront: bytes of requests, sent on to the origin", dollars: 0.02, units: GB, unit: "GB" },
    source: INFRACOST,
  },
  cloudfrontResponse: {
    ...{ what: "CloudFront: bytes of responses", dollars: 0.085, units: GB, unit: "GB" },
    source: CLOUDFRONT_PAGE,
  },
  apiRequest: {
    ...{ what: "API Gateway: requests of an HTTP API", dollars: 1, units: MILLION, unit: "million" },
    source: HTTP_API,
  },
  lambdaRequest: {
    ...{ what: "Lambda: requests", dollars: 0.2, units: MILLION, unit: "million" },
    source: LAMBDA,
  },
  lambdaTime: {
    ...{ what: "Lambda: time, on arm64", dollars: 13.3334, units: MILLION, unit: "million GB-seconds" },
    source: LAMBDA,
  },
  logs: {
    ...{ what: "CloudWatch Logs: bytes written", dollars: 0.5, units: GB, unit: "GB" },
    source: "checked against duckbillgroup.com/?p=9080 on 2026-11-28",
  },
  dynamodbWrite: {
    ...{ what: "DynamoDB: write units", dollars: 0.625, units: MILLION, unit: "million" },
    source: DYNAMODB,
  },
  dynamodbRead: {
    ...{ what: "DynamoDB: read units", dollars: 0.125, units: MILLION, unit: "million" },
    source: DYNAMODB,
  },
  s3Write: {
    ...{ what: "S3: writes and copies", dollars: 5, units: MILLION, unit: "million" },
    source: FROM_MEMORY,
  },
  s3Read: {
    ...{ what: "S3: reads", dollars: 0.4, units: MILLION, unit: "million" },
    source: FROM_MEMORY,
  },
  s3Storage: {
    ...{ what: "S3: storage for a month", dollars: 0.023, units: 1, unit: "GB" },
    source: FROM_MEMORY,
  },
} as const satisfies Record<string, Price>;

/** Dollars for one request, byte, unit or GB-second. */
export function dollarsFor({ dollars, units }: Price): number {
  return dollars / units;
}
