import { type Command, InvalidArgumentError, Option } from "commander";
import { VARIABLES } from "../../ports/environment.ts";

/** Adds the options that locate the bucket and the table. */
export function addAwsOptions(command: Command): Command {
  return command
    .addOption(createOption("--bucket <name>", "S3 bucket for the blobs", VARIABLES.bucket))
    .addOption(createOption("--table <name>", "DynamoDB table for the records", VARIABLES.table))
    .addOption(createOption("--region <name>", "AWS region of the bucket and the table", "AWS_REGION"))
    .addOption(createEndpointOption("s3", "S3", VARIABLES.s3Endpoint))
    .addOption(createDynamodbEndpointOption());
}

/** Creates the option `--endpoint-dynamodb`. */
export function createDynamodbEndpointOption(): Option {
  return createEndpointOption("dynamodb", "DynamoDB", VARIABLES.dynamodbEndpoint);
}

function createEndpointOption(name: string, service: string, variable: string): Option {
  const description = `Endpoint URL for ${service} or a compatible service`;
  return createOption(`--endpoint-${name} <url>`, description, variable).argParser(parseEndpoint);
}

function parseEndpoint(text: string): string {
  const url = URL.parse(text);
  if (url !== null && /^https?:$/.test(url.protocol) && url.host !== "") return text;
  throw new InvalidArgumentError("Use a URL such as http://127.0.0.1:9000.");
}

function createOption(flags: string, description: string, variable: string): Option {
  return new Option(flags, description).env(variable);
}
