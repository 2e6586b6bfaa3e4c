import { Secret as ContainerSecret } from "aws-cdk-lib/aws-ecs";
import { type ISecret, Secret } from "aws-cdk-lib/aws-secretsmanager";
import { Construct } from "constructs";
import { excerptOf } from "../../auth/configuration.ts";
import { ORIGIN_SECRET_HEADER } from "../../ports/headers.ts";
import { ORIGIN_SECRET_VARIABLES } from "../../ports/origin-secrets.ts";
import { acknowledgeFindings } from "../acknowledge.ts";

const SECRET_LENGTH = 48;

const NAME_PATTERN = /^[A-Za-z0-9]{1,32}$/;

/** Parses the names of one or two secrets. @throws RangeError */
export function parseOriginSecretNames(value: unknown): readonly string[] {
  const names: readonly unknown[] = Array.isArray(value) ? value : [];
  const areValid = names.every((name) => typeof name === "string" && NAME_PATTERN.test(name));
  const isCountValid = names.length >= 1 && names.length <= ORIGIN_SECRET_VARIABLES.length;
  if (areValid && isCountValid && new Set(names).size === names.length) return names.map(String);
  throw new RangeError(`must be a list of one or two distinct alphanumeric names, not ${excerptOf(value)}`);
}

/**
 * Generated secrets with which CloudFront authenticates to the origins. CloudFront sends the first one, and the origins accept
 * any of them: docs/decisions/0011-a-secret-header-for-the-origins.md. The template contains only references, which
 * CloudFormation resolves during a deployment.
 * @see https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/dynamic-references-secretsmanager.html
 */
export class OriginSecrets extends Construct {
  /** Secrets by the name of their environment variable, in the order in which they were configured. */
  readonly #secrets: ReadonlyMap<string, Secret>;

  constructor(scope: Construct, id: string, names: readonly string[]) {
    super(scope, id);
    const pairs = names.map(
      (name, index) => [ORIGIN_SECRET_VARIABLES[index] ?? "", this.#create(name)] as const,
    );
    this.#secrets = new Map(pairs);
  }

  /** Custom headers that CloudFront adds to origin requests. */
  get headers(): Record<string, string> {
    const [first = ""] = Object.values(this.environment);
    return { [ORIGIN_SECRET_HEADER]: first };
  }

  /** Environment variables for the functions. */
  get environment(): Record<string, string> {
    const references = [...this.#secrets].map(([name, { secretValue }]) => [
      name,
      secretValue.unsafeUnwrap(),
    ]);
    return Object.fromEntries(references);
  }

  /** Environment variables for a container; ECS reads the values when it starts the container. */
  get containerEnvironment(): Record<string, ContainerSecret> {
    return Object.fromEntries(
      // CDK's classes do not compile with `exactOptionalPropertyTypes`.
      [...this.#secrets].map(([name, secret]) => [
        name,
        ContainerSecret.fromSecretsManager(secret as ISecret),
      ]),
    );
  }

  #create(name: string): Secret {
    const secret = new Secret(this, name, {
      description: "Secret header value that authenticates CloudFront to the origins of a container registry",
      generateSecretString: { passwordLength: SECRET_LENGTH, excludePunctuation: true },
    });
    acknowledgeFindings(
      secret,
      "The CloudFront distribution and the functions must change together: rotate it by changing `originSecrets` and redeploying.",
      "SMG4",
    );
    return secret;
  }
}
