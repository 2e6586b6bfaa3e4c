import { VARIABLES } from "./environment.ts";
import { ORIGIN_SECRET_HEADER } from "./headers.ts";

/** Environment variables with the valid values of `ORIGIN_SECRET_HEADER`. The second is set while the secret is being rotated. */
export const ORIGIN_SECRET_VARIABLES = [VARIABLES.originSecret, VARIABLES.secondOriginSecret] as const;

/** Reads the valid CloudFront origin secrets from the environment. @throws Error when none is set */
export function readOriginSecrets(env: Readonly<Record<string, string | undefined>>): readonly string[] {
  const secrets = ORIGIN_SECRET_VARIABLES.flatMap((name) => env[name] || []);
  if (secrets.length > 0) return secrets;
  const [name] = ORIGIN_SECRET_VARIABLES;
  throw new Error(
    `${name} is not set: set it to the secret that CloudFront sends in ${ORIGIN_SECRET_HEADER}`,
  );
}
