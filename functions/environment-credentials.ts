import { required } from "./required.ts";

/**
 * Creates a provider that replaces the SDK's chain of credential providers in the bundle of the event functions: Lambda
 * provides the role's credentials in the environment, and the rest of the chain would be half of the bundle.
 */
export function defaultProvider() {
  return async () => ({
    accessKeyId: required(process.env, "AWS_ACCESS_KEY_ID"),
    secretAccessKey: required(process.env, "AWS_SECRET_ACCESS_KEY"),
    ...(process.env["AWS_SESSION_TOKEN"] === undefined
      ? {}
      : { sessionToken: process.env["AWS_SESSION_TOKEN"] }),
  });
}
