import { VARIABLES } from "../lib/ports/environment.ts";
import type { AwsServers } from "./support/aws.ts";

/** Options for `administrationLines`. */
export interface AdministrationOptions {
  readonly servers: Pick<AwsServers, "s3Url" | "dynamoUrl" | "env">;
  /** Environment variables of a function, which include the bucket and table names. */
  readonly variables: Readonly<Record<string, string>>;
}

/**
 * Returns lines with the store names, and with shell commands that let the commands in docs/deploy.md use these stores, with
 * administrator permissions instead of the functions' roles.
 */
export function administrationLines({ servers, variables }: AdministrationOptions): readonly string[] {
  const { [VARIABLES.bucket]: bucket = "", [VARIABLES.table]: table = "" } = variables;
  const environment = {
    ...servers.env,
    AWS_ENDPOINT_URL_DYNAMODB: servers.dynamoUrl,
    AWS_ENDPOINT_URL_S3: servers.s3Url,
  };
  const assignments = Object.entries(environment).map(([name, value]) => `${name}=${value}`);
  return [
    `bucket ${bucket}`,
    `table ${table}`,
    `s3 on ${servers.s3Url}`,
    `dynamodb on ${servers.dynamoUrl}`,
    `to administer: export ${assignments.join(" ")}`,
    `then, for example: npm run -s dockless -- user add me --table ${table} --region ${servers.env["AWS_REGION"]}`,
  ];
}
