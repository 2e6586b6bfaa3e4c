import { Command } from "commander";
import packageJson from "../../package.json" with { type: "json" };
import { accessCommand } from "./commands/access.ts";
import { accountsCommand } from "./commands/accounts.ts";
import { credentialsCommand } from "./commands/credentials.ts";
import { doctorCommand } from "./commands/doctor.ts";
import { initCommand } from "./commands/init.ts";
import { serveCommand } from "./commands/serve.ts";

/** Parses the arguments of this process, and runs the command. */
export async function run(): Promise<void> {
  const program = new Command("dockless")
    .description("A container registry that runs serverless on AWS, or self-hosted on one machine.")
    .version(packageJson.version)
    .addCommand(serveCommand())
    .addCommand(initCommand())
    .addCommand(accountsCommand("user"))
    .addCommand(accountsCommand("robot"))
    .addCommand(accessCommand())
    .addCommand(credentialsCommand())
    .addCommand(doctorCommand());
  await program.parseAsync();
}
