import { Command } from "commander";
import packageJson from "../../package.json" with { type: "json" };
import { createAccessCommand } from "./commands/access.ts";
import { createAccountsCommand } from "./commands/accounts.ts";
import { createCredentialsCommand } from "./commands/credentials.ts";
import { createDoctorCommand } from "./commands/doctor.ts";
import { createInitCommand } from "./commands/init.ts";
import { createServeCommand } from "./commands/serve.ts";
import { ignoreClosedOutput } from "./output/closed-output.ts";
import { USAGE_EXIT_CODE } from "./output/failure.ts";

/** Parses the arguments of this process, and runs the command. */
export async function run(): Promise<void> {
  ignoreClosedOutput();
  const program = new Command("dockless")
    .description("A container registry that runs serverless on AWS, or self-hosted on one machine.")
    .version(packageJson.version)
    .addCommand(createServeCommand())
    .addCommand(createInitCommand())
    .addCommand(createAccountsCommand("user"))
    .addCommand(createAccountsCommand("robot"))
    .addCommand(createAccessCommand())
    .addCommand(createCredentialsCommand())
    .addCommand(createDoctorCommand());
  exitWithUsageCode(program);
  await program.parseAsync();
}

/** Makes a command and its subcommands exit with 2, not commander's 1, for invalid arguments. */
function exitWithUsageCode(command: Command): void {
  command.exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : USAGE_EXIT_CODE));
  for (const subcommand of command.commands) exitWithUsageCode(subcommand);
}
