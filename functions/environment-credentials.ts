import { required } from "./required.ts";

/**
 * Stands in for the SDK's chain of credential providers in the bundle of the event functions: Lambda hands them their
 * role's credentials in the environment, and what else the chain can do would be half of the bundle.
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
