import { text } from "node:stream/consumers";
import { decodeJwt } from "jose";
import packageJson from "../../../package.json" with { type: "json" };
import { AWS_PASSWORD } from "../../auth/aws/password.ts";
import { whyFailed } from "../output/failure.ts";
import { awsCredentialsFor } from "./aws-password.ts";

/** What clients call, with what they say on standard input. */
const COMMANDS: Readonly<Record<string, (input: string) => Promise<string> | string>> = {
  get: async (input) => {
    const { username, password } = await awsCredentialsFor(input);
    return JSON.stringify({ ServerURL: input, Username: username, Secret: password });
  },
  store,
  erase: () => "",
  list: () => "{}",
};

/**
 * A helper of docker's, podman's and others: one word says what to do, standard output takes the answer, and errors too.
 * @see https://github.com/docker/docker-credential-helpers#development
 */
export async function runHelper([name = "", ...more]: readonly string[]): Promise<void> {
  if (name === "version" || name === "--version") return print(packageJson.version);
  if (name === "--help" || name === "-h" || name === "help") return print(HELP);
  const command = more.length === 0 && Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (command === undefined) return fail(HELP, process.stderr);
  if (process.stdin.isTTY) {
    process.stderr.write(
      `Clients run this. By hand: type ${INPUTS[name] ?? "nothing"}, Enter, and Ctrl-D.\n`,
    );
  }
  try {
    const answer = await command((await text(process.stdin)).trim());
    if (answer !== "") print(answer);
  } catch (error) {
    fail(whyFailed(error), process.stdout);
  }
}

/** `docker login` stores what it was given by us and has tried; there is nothing to keep of that. */
function store(input: string): string {
  if (isOurs(secretIn(input))) return "";
  throw new Error(
    "docker-credential-dockless keeps no passwords, it makes them from AWS credentials: take this registry out of credHelpers to log in otherwise",
  );
}

/** The password itself, or the refresh token that the registry gave for it: a token whose `sub` says so. */
function isOurs(secret: string): boolean {
  if (secret.startsWith(AWS_PASSWORD)) return true;
  try {
    return decodeJwt(secret).sub?.startsWith("aws:") ?? false;
  } catch {
    return false;
  }
}

function secretIn(input: string): string {
  try {
    const given: unknown = JSON.parse(input);
    return typeof given === "object" && given !== null && "Secret" in given ? String(given.Secret) : "";
  } catch {
    return "";
  }
}

const INPUTS: Readonly<Record<string, string>> = {
  get: "the registry's host",
  store: 'an object with "ServerURL", "Username" and "Secret"',
  erase: "the registry's host",
};

const HELP = `Usage: docker-credential-dockless get|store|erase|list

Logs docker, podman and other clients in at a dockless registry as the AWS principal of this machine: a role of EC2,
ECS, EKS or CodeBuild, or a profile with SSO. No password is kept anywhere.

Put it on the PATH, and name the registry in ~/.docker/config.json:
  { "credHelpers": { "registry.example.com": "dockless" } }

AWS_PROFILE chooses a profile, AWS_REGION the region whose STS is asked (us-east-1 without it).
To see what it makes:
  $ echo registry.example.com | docker-credential-dockless get`;

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

function fail(why: string, stream: NodeJS.WritableStream): void {
  stream.write(`${why}\n`);
  process.exitCode = 1;
}
