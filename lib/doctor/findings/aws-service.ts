import type { RegistryResponse } from "../../client/message.ts";

/** The AWS service that sent a response. */
export interface AwsService {
  readonly name: "API Gateway" | "the Web Function" | "CloudFront" | "S3";
  /** Request ID in the service's logs. */
  readonly requestId: string;
}

/** Response headers that identify a service; the service furthest from the client comes first. */
const SERVICE_HEADERS = [
  ["lambda-web-request-id", "the Web Function"],
  ["apigw-requestid", "API Gateway"],
  ["x-amz-apigw-id", "API Gateway"],
  ["x-amz-cf-id", "CloudFront"],
  ["x-amz-request-id", "S3"],
] as const;

/** Returns the AWS service furthest from the client that the response headers identify, or undefined. */
export function identifyService({ headers }: RegistryResponse): AwsService | undefined {
  for (const [header, name] of SERVICE_HEADERS) {
    const requestId = headers[header];
    if (requestId !== undefined) return { name, requestId };
  }
  return undefined;
}

/** Returns whether the response passed through CloudFront. */
export function isFromCloudFront({ headers }: RegistryResponse): boolean {
  return headers["x-amz-cf-id"] !== undefined;
}

/** Returns whether the response came from a Web Function without passing through CloudFront. */
export function isFromWebFunctionItself(response: RegistryResponse): boolean {
  return identifyService(response)?.name === "the Web Function" && !isFromCloudFront(response);
}
