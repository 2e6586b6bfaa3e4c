/** Endpoint URLs for S3 and DynamoDB. */
export interface AwsEndpoints {
  readonly s3Url: string;
  readonly dynamoUrl: string;
}

const S3_VARIABLE = "DOCKLESS_TEST_S3";
const DYNAMODB_VARIABLE = "DOCKLESS_TEST_DYNAMODB";

/** Returns environment variables that pass the endpoints to a process. */
export function endpointVariables({ s3Url, dynamoUrl }: AwsEndpoints): Readonly<Record<string, string>> {
  return { [S3_VARIABLE]: s3Url, [DYNAMODB_VARIABLE]: dynamoUrl };
}

/** Returns the endpoints from the environment; undefined when they are not set. */
export function awsEndpoints(): AwsEndpoints | undefined {
  const [s3Url, dynamoUrl] = [process.env[S3_VARIABLE], process.env[DYNAMODB_VARIABLE]];
  return s3Url === undefined || dynamoUrl === undefined ? undefined : { s3Url, dynamoUrl };
}
