/** Credentials of a role, which Lambda provides in the environment. */
interface EnvironmentCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

/** Reads the role's credentials from the environment. @returns undefined when there are none */
export function environmentCredentials(env: NodeJS.ProcessEnv): EnvironmentCredentials | undefined {
  const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey } = env;
  if (!accessKeyId || !secretAccessKey) return undefined;
  const sessionToken = env["AWS_SESSION_TOKEN"];
  return { accessKeyId, secretAccessKey, ...(sessionToken && { sessionToken }) };
}

/**
 * Creates a provider that replaces the SDK's credential provider chain in the event functions' bundle: Lambda provides the
 * role's credentials in the environment, and the rest of the chain would make up half of the bundle.
 */
export function defaultProvider() {
  return async () => {
    const found = environmentCredentials(process.env);
    if (found !== undefined) return found;
    throw new Error("AWS_ACCESS_KEY_ID or AWS_SECRET_ACCESS_KEY is missing from the environment");
  };
}
