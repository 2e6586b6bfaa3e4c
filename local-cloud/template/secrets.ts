import { randomBytes } from "node:crypto";
import { Properties } from "./properties.ts";
import type { Resource } from "./resource.ts";

/**
 * Dynamic references, which CloudFormation replaces with secret values during a deployment.
 * @see https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/dynamic-references-secretsmanager.html
 */
const REFERENCE = /\{\{resolve:([^}]*)\}\}/g;
const SECRET_REFERENCE = /^secretsmanager:(.+):SecretString:::$/;

/** Values for a template's generated secrets. They are different on each start of the local cloud. */
export class Secrets {
  readonly #values: ReadonlyMap<string, string>;

  /** @param secrets resources of type AWS::SecretsManager::Secret, by ARN */
  constructor(secrets: ReadonlyMap<string, Resource>) {
    this.#values = new Map([...secrets].map(([arn, resource]) => [arn, generate(resource)]));
  }

  /** Replaces the dynamic references in a text. @throws Error for an unsupported one */
  replaceReferences(text: string): string {
    return text.replaceAll(REFERENCE, (reference, target: string) => {
      const [, arn = ""] = SECRET_REFERENCE.exec(target) ?? [];
      const value = this.#values.get(arn);
      if (value === undefined) throw new Error(`unsupported reference: ${reference}`);
      return value;
    });
  }
}

/** Generates letters and digits. */
function generate({ id, properties }: Resource): string {
  const secret = new Properties(id, properties).ignore("Description", "Tags");
  const options = secret.object("GenerateSecretString");
  options.requireOneOf("ExcludePunctuation", true);
  const length = options.number("PasswordLength", 32);
  options.rejectUnread();
  secret.rejectUnread();
  return randomBytes(2 * length)
    .toString("base64")
    .replaceAll(/[^A-Za-z0-9]/g, "")
    .slice(0, length);
}
