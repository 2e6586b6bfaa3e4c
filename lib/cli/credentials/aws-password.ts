import { defaultProvider } from "@aws-sdk/credential-provider-node";
import { makePassword } from "../../auth/aws/sign.ts";

/** What to log in with. */
interface Credentials {
  readonly username: string;
  readonly password: string;
}

/** Any would do, since the password says who it is. */
const AWS_USERNAME = "aws";

/** The registry that a client names, by its host or by a URL, as the registry knows itself: without the usual port. */
function parseRegistryHost(text: string): string {
  const host = text.replace(/^https?:\/\//, "").split("/", 1)[0] ?? "";
  if (host.length <= 255 && /^(?:[A-Za-z0-9.-]+|\[[0-9A-Fa-f:]+\])(?::\d{1,5})?$/.test(host))
    return host.toLowerCase().replace(/:443$/, "");
  throw new Error(
    `${JSON.stringify(text.slice(0, 100))} is no registry: a host such as registry.example.com`,
  );
}

/** From the AWS credentials of this machine, wherever the SDK finds them. */
export async function awsCredentialsFor(registry: string): Promise<Credentials> {
  const audience = parseRegistryHost(registry);
  const region = process.env["AWS_REGION"] || process.env["AWS_DEFAULT_REGION"] || "us-east-1";
  const credentials = await defaultProvider()();
  return {
    username: AWS_USERNAME,
    password: await makePassword({ credentials, region, audience, now: new Date() }),
  };
}
