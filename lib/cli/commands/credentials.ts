import { Command } from "commander";
import { reportFailure } from "../output/failure.ts";

/** Creates the command `dockless credentials`. */
export function createCredentialsCommand(): Command {
  return new Command("credentials")
    .description("Print a registry password created from this machine's AWS credentials.")
    .argument("<registry>", "host of the registry, with its port unless it is 443")
    .option("--json", "print username and password as JSON")
    .addHelpText("after", EXAMPLES)
    .action(async (registry: string, { json }: { readonly json?: true }) => {
      await reportFailure(async () => {
        const { createAwsCredentials } = await import("../credentials/aws-password.ts");
        const credentials = await createAwsCredentials(registry);
        process.stdout.write(`${json ? JSON.stringify(credentials) : credentials.password}\n`);
      });
    });
}

const EXAMPLES = `
Example:
  $ dockless credentials registry.example.com | podman login --username aws --password-stdin registry.example.com

The password is valid for 15 minutes, and for this registry only. Clients that support credential helpers need no login:
see docker-credential-dockless --help.`;
