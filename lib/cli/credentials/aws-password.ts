import { defaultProvider } from "@aws-sdk/credential-provider-node";
import { createAwsPassword } from "../../auth/aws/create-password.ts";
import { MalformedError } from "../../auth/malformed-error.ts";

/** The username and password of a login. */
interface Credentials {
  readonly username: string;
  readonly password: string;
}

/** Username of AWS logins. The registry ignores it: the password contains the identity. */
const AWS_USERNAME = "aws";

/**
 * Returns the registry's host in lower case, without the default port 443.
 * @param text a host, with or without a port, or a URL
 * @throws MalformedError if it is not a valid host
 */
function parseRegistryHost(text: string): string {
  const host = text.replace(/^https?:\/\//, "").split("/", 1)[0] ?? "";
  if (host.length <= 255 && /^(?:[A-Za-z0-9.-]+|\[[0-9A-Fa-f:]+\])(?::\d{1,5})?$/.test(host))
    return host.toLowerCase().replace(/:443$/, "");
  throw new MalformedError(
    `${JSON.stringify(text.slice(0, 100))} is not a registry host: use a host such as registry.example.com`,
  );
}

/**
 * Creates a password for the registry from the AWS credentials of the SDK's default provider chain.
 * @param registry a host, with or without a port, or a URL
 * @throws MalformedError if the host is invalid; Error if there are no AWS credentials
 */
export async function createAwsCredentials(registry: string): Promise<Credentials> {
  const audience = parseRegistryHost(registry);
  const region = process.env["AWS_REGION"] || process.env["AWS_DEFAULT_REGION"] || "us-east-1";
  const credentials = await defaultProvider()();
  return {
    username: AWS_USERNAME,
    password: await createAwsPassword({ credentials, region, audience, now: new Date() }),
  };
}
