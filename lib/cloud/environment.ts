import { type Duration, Stack } from "aws-cdk-lib";
import type { Storage } from "./storage.ts";

export interface EnvironmentProps {
  readonly storage: Storage;
  readonly urlLifetime: Duration;
}

/** The variables by which a function finds the records. */
export function recordsEnvironment(storage: Storage): Record<string, string> {
  const { region, urlSuffix } = Stack.of(storage);
  return {
    DOCKLESS_TABLE: storage.table.tableName,
    AWS_ENDPOINT_URL_DYNAMODB: `https://dynamodb.${region}.${urlSuffix}`,
  };
}

/** The variables by which the functions, and `dockless serve`, learn where their stores are. */
export function environment({ storage, urlLifetime }: EnvironmentProps): Record<string, string> {
  return {
    DOCKLESS_BUCKET: storage.bucket.bucketName,
    ...recordsEnvironment(storage),
    DOCKLESS_URL_LIFETIME: String(urlLifetime.toSeconds()),
    DOCKLESS_LOG: "requests",
  };
}
