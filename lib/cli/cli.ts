import { Command } from "commander";
import packageJson from "../../package.json" with { type: "json" };
import { accessCommand } from "./commands/access.ts";
import { accountsCommand } from "./commands/accounts.ts";
import { credentialsCommand } from "./commands/credentials.ts";
import { doctorCommand } from "./commands/doctor.ts";
import { initCommand } from "./commands/init.ts";
import { serveCommand } from "./commands/serve.ts";

/** Runs the command line that this process was started with. */
export async function run(): Promise<void> {
  const program = new Command("dockless")
    .description("A container registry that needs no servers, and runs on one machine as well.")
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
