/** Where S3 and DynamoDB are. */
export interface AwsEndpoints {
  readonly s3Url: string;
  readonly dynamoUrl: string;
}

const S3 = "DOCKLESS_TEST_S3";
const DYNAMODB = "DOCKLESS_TEST_DYNAMODB";

/** Tells a process, by its environment, where the servers are. */
export function endpointVariables({ s3Url, dynamoUrl }: AwsEndpoints): Readonly<Record<string, string>> {
  return { [S3]: s3Url, [DYNAMODB]: dynamoUrl };
}

/** What this process was told; undefined when it was told nothing. */
export function awsEndpoints(): AwsEndpoints | undefined {
  const [s3Url, dynamoUrl] = [process.env[S3], process.env[DYNAMODB]];
  return s3Url === undefined || dynamoUrl === undefined ? undefined : { s3Url, dynamoUrl };
}
