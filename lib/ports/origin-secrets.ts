import { VARIABLES } from "./environment.ts";

/** Environment variables with the valid values of `ORIGIN_SECRET_HEADER`. The second is set while the secret is being rotated. */
export const ORIGIN_SECRET_VARIABLES = [VARIABLES.originSecret, VARIABLES.secondOriginSecret] as const;

/** Reads the valid secrets of the distribution from an environment. @throws Error when there are none */
export function readOriginSecrets(env: Readonly<Record<string, string | undefined>>): readonly string[] {
  const secrets = ORIGIN_SECRET_VARIABLES.flatMap((name) => env[name] || []);
  if (secrets.length > 0) return secrets;
  const [name] = ORIGIN_SECRET_VARIABLES;
  throw new Error(`${name} is missing: set it to the secret that the CloudFront distribution sends`);
}
