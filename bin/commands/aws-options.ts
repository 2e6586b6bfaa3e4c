import { type Command, Option } from "commander";

/** The options that say where S3 and DynamoDB are. */
export function addAwsOptions(command: Command, { required }: { readonly required: boolean }): Command {
  return command
    .addOption(option("--bucket <name>", "S3 bucket for the blobs", "DOCKLESS_BUCKET", required))
    .addOption(option("--table <name>", "DynamoDB table for the records", "DOCKLESS_TABLE", required))
    .addOption(option("--region <name>", "AWS region of both", "AWS_REGION"))
    .addOption(option("--endpoint-s3 <url>", "use another S3-compatible service", "DOCKLESS_ENDPOINT_S3"))
    .addOption(
      option(
        "--endpoint-dynamodb <url>",
        "use another DynamoDB-compatible service",
        "DOCKLESS_ENDPOINT_DYNAMODB",
      ),
    );
}

function option(flags: string, description: string, variable: string, required = false): Option {
  return new Option(flags, description).env(variable).makeOptionMandatory(required);
}
