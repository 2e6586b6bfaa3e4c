/** Credentials of a role, as Lambda puts them into the environment. */
interface EnvironmentCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

/** @returns undefined when the environment has none */
export function environmentCredentials(env: NodeJS.ProcessEnv): EnvironmentCredentials | undefined {
  const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey } = env;
  if (!accessKeyId || !secretAccessKey) return undefined;
  const sessionToken = env["AWS_SESSION_TOKEN"];
  return { accessKeyId, secretAccessKey, ...(sessionToken && { sessionToken }) };
}

/**
 * Stands in for the SDK's chain of credential providers in the bundle of the event functions: Lambda hands them their
 * role's credentials in the environment, and what else the chain can do would be half of the bundle.
 */
export function defaultProvider() {
  return async () => {
    const found = environmentCredentials(process.env);
    if (found !== undefined) return found;
    throw new Error("AWS_ACCESS_KEY_ID or AWS_SECRET_ACCESS_KEY is missing in the environment");
  };
}
