import { Command } from "commander";
import { reportFailure } from "../output/failure.ts";

export function credentialsCommand(): Command {
  return new Command("credentials")
    .description("Print a password for a registry, made from this machine's AWS credentials.")
    .argument("<registry>", "host of the registry, with its port if that is not the usual one")
    .option("--json", "print user name and password as JSON")
    .addHelpText("after", EXAMPLES)
    .action(async (registry: string, { json }: { readonly json?: true }) => {
      await reportFailure(async () => {
        const { awsCredentialsFor } = await import("../credentials/aws-password.ts");
        const credentials = await awsCredentialsFor(registry);
        process.stdout.write(`${json ? JSON.stringify(credentials) : credentials.password}\n`);
      });
    });
}

const EXAMPLES = `
Example:
  $ dockless credentials registry.example.com | podman login --username aws --password-stdin registry.example.com

The password is good for 15 minutes, and at that registry only. Clients that run credential helpers need no login:
see docker-credential-dockless --help.`;
