import { join } from "node:path";
import { imageName } from "../clients/client.ts";
import type { ClientName } from "../clients/clients.ts";
import type { Credentials } from "../clients/registry.ts";
import { withImageClient } from "../clients/with-image-client.ts";
import { writeImageLayout } from "../support/images.ts";

/** Docker repeats a request for 50 s when it does not understand the refusal. The rest is for busy machines. */
const MAX_PUSH_MILLISECONDS = 25_000;

/** A push that must be denied. */
export interface DeniedPush {
  readonly url: string;
  /** A repository that the identity may pull from, but not push to. */
  readonly repository: string;
  /** Without credentials, the client does not sign in. */
  readonly credentials?: Credentials;
}

/** Texts of clients that print no message of a registry, for a push with credentials and for one without. */
const OWN_TEXTS: Partial<Record<ClientName, readonly [denied: string | undefined, unauthorized: string]>> = {
  containerd: ["403 Forbidden", "insufficient_scope: authorization failed"],
  regctl: [undefined, "unauthorized"],
};

/** Returns the text that a client prints for a denied push: the registry's message, unless the client prints none. */
function expectedText(client: ClientName, { url, repository, credentials }: DeniedPush): string {
  const [denied, unauthorized] = OWN_TEXTS[client] ?? [];
  if (credentials === undefined)
    return (
      unauthorized ?? `authentication required: sign in to ${new URL(url).host} to push to ${repository}`
    );
  return denied ?? `access denied: no grant allows user:${credentials.username} to push to ${repository}`;
}

/** Verifies that a client reports a denied push at once and prints the registry's message. @returns figures */
export async function expectDeniedPush(client: ClientName, denied: DeniedPush): Promise<string> {
  const { repository, credentials } = denied;
  const { host } = new URL(denied.url);
  return await withImageClient(client, async (pusher, { directory }) => {
    const image = { platforms: [{ os: "linux", architecture: "amd64" }], layerSizes: [1024], seed: client };
    const layout = await writeImageLayout(join(directory, "denied"), image);
    if (credentials !== undefined) await pusher.login(host, credentials);
    const start = performance.now();
    const output = await pusher.push(layout, imageName(host, repository)).then(
      () => undefined,
      (error: unknown) => String(error),
    );
    const milliseconds = performance.now() - start;
    if (output === undefined) throw new Error("the push succeeded");
    const text = expectedText(client, denied);
    if (!output.includes(text)) throw new Error(`"${text}" is missing in: ${output}`);
    if (milliseconds > MAX_PUSH_MILLISECONDS) throw new Error(`reported only after ${milliseconds} ms`);
    return `reported after ${Math.round(milliseconds)} ms`;
  });
}
