import { readFileSync } from "node:fs";
import { join } from "node:path";
import { isObject } from "../support/json.ts";
import { attributeOf, generateName, namePropertyOf, PSEUDO_PARAMETERS, versionArn } from "./names.ts";
import { Properties } from "./properties.ts";
import type { Resource } from "./resource.ts";
import { Secrets } from "./secrets.ts";

/** A synthesized stack whose references are resolved to names on this machine. */
export class Template {
  readonly resources: ReadonlyMap<string, Resource>;
  /** Hostname of the CloudFront distribution. */
  readonly #host: string;
  readonly #secrets: Secrets;

  constructor(json: unknown, host: string) {
    this.resources = new Map(parseResources(json).map((resource) => [resource.id, resource]));
    this.#host = host;
    const secrets = this.ofType("AWS::SecretsManager::Secret");
    this.#secrets = new Secrets(new Map(secrets.map((secret) => [this.#reference(secret.id), secret])));
  }

  /** Reads a template. @param folder output folder of `cdk synth` @throws Error unless it has exactly one stack */
  static read(folder: string, host: string): Template {
    return new Template(readJson(join(folder, `${stackNameOf(folder)}.template.json`)), host);
  }

  /** Returns all resources of a type. */
  ofType(type: string): readonly Resource[] {
    return [...this.resources.values()].filter((resource) => resource.type === type);
  }

  /** Returns the only resource of a type. @throws Error unless there is exactly one */
  only(type: string): Resource {
    const [first, ...others] = this.ofType(type);
    if (first === undefined || others.length > 0)
      throw new Error(`expected one ${type}, not ${others.length + (first === undefined ? 0 : 1)}`);
    return first;
  }

  /** Returns the resolved properties of a resource. @throws Error for a conditional resource */
  propertiesOf({ id, type, properties, isConditional }: Resource): Properties {
    if (isConditional) throw new Error(`${id}: conditions are unsupported`);
    return new Properties(`${id} (${type})`, this.resolve(properties));
  }

  /** Returns the name of a resource. */
  nameOf(resource: Resource): string {
    const property = namePropertyOf(resource);
    const value = property !== undefined && isObject(resource.properties) && resource.properties[property];
    return value ? String(this.resolve(value)) : generateName(resource);
  }

  /** Returns the ARN of a resource. */
  arnOf(resource: Resource): string {
    return attributeOf(resource, "Arn", this.nameOf(resource), this.#host);
  }

  /** Resolves references and functions in a value. */
  resolve(value: unknown): unknown {
    if (Array.isArray(value)) return value.map((item) => this.resolve(item));
    if (typeof value === "string") return this.#secrets.replaceReferences(value);
    if (!isObject(value)) return value;
    const [[name = "", argument] = []] = Object.entries(value);
    if (Object.keys(value).length === 1 && (name === "Ref" || name.startsWith("Fn::")))
      return this.#call(name, argument);
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, this.resolve(item)]));
  }

  #call(name: string, argument: unknown): unknown {
    switch (name) {
      case "Ref":
        return this.#reference(String(argument));
      case "Fn::GetAtt": {
        const [id, attribute] = Array.isArray(argument) ? argument : String(argument).split(".");
        return this.#attribute(String(id), String(attribute));
      }
      case "Fn::Join": {
        const [separator, items] = Array.isArray(argument) ? argument : [];
        return this.#join(listOf(items), String(separator));
      }
      case "Fn::Sub":
        if (typeof argument === "string") return this.#substitute(argument);
    }
    throw new Error(`unsupported ${name} of ${JSON.stringify(argument)}`);
  }

  /** Joins the items before dynamic references are replaced, since a reference can span several items. */
  #join(items: readonly unknown[], separator: string): string {
    const texts = items.map((item) => (typeof item === "string" ? item : String(this.resolve(item))));
    return this.#secrets.replaceReferences(texts.join(separator));
  }

  #reference(id: string): string {
    const pseudo = PSEUDO_PARAMETERS[id];
    if (pseudo !== undefined) return pseudo;
    const resource = this.#resource(id);
    if (resource.type === "AWS::SecretsManager::Secret") return this.arnOf(resource);
    return resource.type === "AWS::Lambda::Version" ? this.#versionArn(resource) : this.nameOf(resource);
  }

  #versionArn(version: Resource): string {
    const name = this.propertiesOf(version).text("FunctionName");
    const found = this.ofType("AWS::Lambda::Function").find((resource) => this.nameOf(resource) === name);
    if (found === undefined) throw new Error(`function of the version ${version.id} not found`);
    return versionArn(version, this.arnOf(found));
  }

  #attribute(id: string, attribute: string): string {
    const resource = this.#resource(id);
    return attributeOf(resource, attribute, this.nameOf(resource), this.#host);
  }

  #substitute(text: string): string {
    return text.replaceAll(/\$\{([^}!]+)\}/g, (_, name: string) => {
      const [id = "", ...attribute] = name.split(".");
      return attribute.length === 0 ? this.#reference(id) : this.#attribute(id, attribute.join("."));
    });
  }

  #resource(id: string): Resource {
    const resource = this.resources.get(id);
    if (resource === undefined) throw new Error(`resource not found: ${id}`);
    return resource;
  }
}

function parseResources(json: unknown): readonly Resource[] {
  const resources = isObject(json) ? json["Resources"] : undefined;
  return Object.entries(isObject(resources) ? resources : {}).map(([id, value]) => {
    const resource = new Properties(id, value);
    const [type, properties] = [resource.text("Type"), resource.get("Properties") ?? {}];
    return { id, type, properties, isConditional: resource.has("Condition") };
  });
}

/** Returns the name of a cloud assembly's only stack. */
export function stackNameOf(folder: string): string {
  const artifacts = new Properties("manifest.json", readJson(join(folder, "manifest.json"))).get("artifacts");
  const stacks = Object.entries(isObject(artifacts) ? artifacts : {}).filter(([, artifact]) => {
    return isObject(artifact) && artifact["type"] === "aws:cloudformation:stack";
  });
  const [[name = ""] = []] = stacks;
  if (stacks.length !== 1) throw new Error(`${folder} has ${stacks.length} stacks instead of one`);
  return name;
}

/** Reads a JSON file. */
export function readJson(path: string): unknown {
  return JSON.parse(readFileSync(path, "utf8"));
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [value];
}
