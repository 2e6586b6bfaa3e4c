import { type Command, Option } from "commander";
import { VARIABLES } from "../../ports/environment.ts";
import { createDynamodbEndpointOption } from "./aws-options.ts";

/** Adds the options that locate accounts and grants; they have the same names as the options of `serve`. */
export function addAccessOptions(command: Command): Command {
  return command
    .addOption(
      new Option("--data <folder>", "data folder of the registry").env(VARIABLES.data).default("data"),
    )
    .addOption(
      new Option("--table <name>", "DynamoDB table of the registry, instead of --data").env(VARIABLES.table),
    )
    .addOption(new Option("--region <name>", "AWS region of the table").env("AWS_REGION"))
    .addOption(createDynamodbEndpointOption())
    .addOption(new Option("--json", "print JSON"));
}
