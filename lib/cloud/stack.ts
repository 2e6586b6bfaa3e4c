import { CfnOutput, type CfnOutputProps, Stack, type StackProps } from "aws-cdk-lib";
import type { Construct } from "constructs";
import { Registry, type RegistryProps } from "./registry.ts";

type RegistryStackOptions = RegistryProps & StackProps;

/** A registry in a stack of its own, that says at the end of a deployment where it is and what to do with it. */
export class RegistryStack extends Stack {
  readonly registry: Registry;

  /** @param options of the registry and the stack; or of the registry, made in the stack when they are constructs */
  constructor(
    scope: Construct,
    id: string,
    options: RegistryStackOptions | ((stack: Stack) => RegistryProps) = {},
  ) {
    const description = "dockless: a container registry without servers";
    super(scope, id, { description, ...(typeof options === "function" ? {} : options) });
    const props = typeof options === "function" ? options(this) : options;
    this.registry = new Registry(this, "Registry", props);
    const { host, url, storage } = this.registry;
    new CfnOutput(this, "RegistryUrl", { value: url });
    const place = `--table ${storage.table.tableName} --region ${this.region}`;
    const next =
      props.access === undefined ? firstAccount(place, host) : accountsOf(props.access, place, host);
    new CfnOutput(this, "TypeNext", next);
    new CfnOutput(this, "ThenType", {
      description: "A first image",
      value: `docker pull alpine && docker tag alpine ${host}/alpine && docker push ${host}/alpine`,
    });
    new CfnOutput(this, "BucketName", { value: storage.bucket.bucketName });
    new CfnOutput(this, "TableName", { value: storage.table.tableName });
  }
}

function firstAccount(place: string, host: string): CfnOutputProps {
  return {
    description: "A first account, which prints its secret once, and what it may do",
    value: [
      `npm run -s dockless -- user add me ${place}`,
      `npm run -s dockless -- access grant user:me '**' pull,push,delete ${place}`,
      `docker login -u me ${host}`,
    ].join(" && "),
  };
}

/** What the file says is granted already; what is granted besides would end with the next file. */
function accountsOf(file: string, place: string, host: string): CfnOutputProps {
  return {
    description: "The accounts that the access file names, each of which prints its secret once",
    value: `npm run -s dockless -- access apply ${file} --create ${place} && docker login -u NAME ${host}`,
  };
}
