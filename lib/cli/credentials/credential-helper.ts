import { text } from "node:stream/consumers";
import { decodeJwt } from "jose";
import packageJson from "../../../package.json" with { type: "json" };
import { AWS_PASSWORD_PREFIX } from "../../auth/aws/password.ts";
import { formatError } from "../output/failure.ts";
import { createAwsCredentials } from "./aws-password.ts";

/** Commands of the credential helper protocol, by name. They receive standard input as their argument. */
const COMMANDS: Readonly<Record<string, (input: string) => Promise<string> | string>> = {
  get: async (input) => {
    const { username, password } = await createAwsCredentials(input);
    return JSON.stringify({ ServerURL: input, Username: username, Secret: password });
  },
  store,
  erase: () => "",
  list: () => "{}",
};

/**
 * Runs a command of the credential helper protocol. Writes the result, or the error, to standard output.
 * @see https://github.com/docker/docker-credential-helpers#development
 */
export async function runCredentialHelper([name = "", ...more]: readonly string[]): Promise<void> {
  if (name === "version" || name === "--version") return print(packageJson.version);
  if (name === "--help" || name === "-h" || name === "help") return print(HELP);
  const command = more.length === 0 && Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (command === undefined) return fail(HELP, process.stderr);
  if (process.stdin.isTTY) {
    process.stderr.write(
      `reading from a terminal: type ${EXPECTED_INPUTS[name] ?? "nothing"}, then press Enter and Ctrl-D\n`,
    );
  }
  try {
    const output = await command((await text(process.stdin)).trim());
    if (output !== "") print(output);
  } catch (error) {
    fail(formatError(error), process.stdout);
  }
}

/**
 * Accepts credentials that this helper has issued, which `docker login` stores after a successful login, but stores nothing.
 * @throws Error for all other credentials
 */
function store(input: string): string {
  if (isDocklessSecret(readSecret(input))) return "";
  throw new Error(
    "docker-credential-dockless does not store passwords: remove this registry from credHelpers to log in with a password",
  );
}

/** Returns whether the secret is an AWS password, or a refresh token that the registry issued for one. */
function isDocklessSecret(secret: string): boolean {
  if (secret.startsWith(AWS_PASSWORD_PREFIX)) return true;
  try {
    return decodeJwt(secret).sub?.startsWith("aws:") ?? false;
  } catch {
    return false;
  }
}

/** Returns the field `Secret` of a JSON object, or an empty string. */
function readSecret(input: string): string {
  try {
    const value: unknown = JSON.parse(input);
    return typeof value === "object" && value !== null && "Secret" in value ? String(value.Secret) : "";
  } catch {
    return "";
  }
}

/** Descriptions of the expected standard input, by command. */
const EXPECTED_INPUTS: Readonly<Record<string, string>> = {
  get: "the registry's host",
  store: 'an object with "ServerURL", "Username" and "Secret"',
  erase: "the registry's host",
};

const HELP = `Usage: docker-credential-dockless get|store|erase|list

A credential helper that logs docker, podman and other clients in to a dockless registry as the AWS principal of this
machine: an EC2, ECS, EKS or CodeBuild role, or an SSO profile. It stores no passwords.

To use it, add it to the PATH and configure the registry in ~/.docker/config.json:
  { "credHelpers": { "registry.example.com": "dockless" } }

AWS_PROFILE selects the profile, AWS_REGION the region of the STS endpoint (default: us-east-1).

Example:
  $ echo registry.example.com | docker-credential-dockless get`;

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

function fail(message: string, stream: NodeJS.WritableStream): void {
  stream.write(`${message}\n`);
  process.exitCode = 1;
}
