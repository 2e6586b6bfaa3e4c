import type { Answer } from "../../client/message.ts";

export interface Origin {
  readonly name: "API Gateway" | "the Web Function" | "CloudFront" | "S3";
  readonly requestId: string;
}

const MARKS = [
  ["lambda-web-request-id", "the Web Function"],
  ["apigw-requestid", "API Gateway"],
  ["x-amz-apigw-id", "API Gateway"],
  ["x-amz-cf-id", "CloudFront"],
  ["x-amz-request-id", "S3"],
] as const;

/** The part of AWS that answered, as far as the answer tells: the one farthest behind. */
export function answeredBy({ headers }: Answer): Origin | undefined {
  for (const [header, name] of MARKS) {
    const requestId = headers[header];
    if (requestId !== undefined) return { name, requestId };
  }
  return undefined;
}

export function cameThroughCloudFront({ headers }: Answer): boolean {
  return headers["x-amz-cf-id"] !== undefined;
}
