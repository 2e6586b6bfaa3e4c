import { Command } from "commander";
import packageJson from "../../package.json" with { type: "json" };
import { ignoreClosedOutput } from "./output/closed-output.ts";
import { USAGE_EXIT_CODE } from "./output/failure.ts";

/** Commands by name. A run loads only its own command, and all of them for help. */
const COMMANDS: Readonly<Record<string, () => Promise<Command>>> = {
  serve: async () => (await import("./commands/serve.ts")).createServeCommand(),
  init: async () => (await import("./commands/init.ts")).createInitCommand(),
  user: async () => (await import("./commands/accounts.ts")).createAccountsCommand("user"),
  robot: async () => (await import("./commands/accounts.ts")).createAccountsCommand("robot"),
  access: async () => (await import("./commands/access.ts")).createAccessCommand(),
  credentials: async () => (await import("./commands/credentials.ts")).createCredentialsCommand(),
  doctor: async () => (await import("./commands/doctor.ts")).createDoctorCommand(),
};

/** Parses the arguments of this process, and runs the command. */
export async function run(): Promise<void> {
  ignoreClosedOutput();
  const program = new Command("dockless")
    .description("A container registry that runs serverless on AWS, or self-hosted on one machine.")
    .version(packageJson.version);
  for (const load of selectCommands(process.argv[2])) program.addCommand(await load());
  exitWithUsageCode(program);
  await program.parseAsync();
}

/** Returns the command of this name, or all commands if there is none: for help, and for suggestions. */
function selectCommands(name = ""): readonly (() => Promise<Command>)[] {
  const named = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  return named === undefined ? Object.values(COMMANDS) : [named];
}

/** Makes a command and its subcommands exit with 2, not commander's 1, for invalid arguments. */
function exitWithUsageCode(command: Command): void {
  command.exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : USAGE_EXIT_CODE));
  for (const subcommand of command.commands) exitWithUsageCode(subcommand);
}
