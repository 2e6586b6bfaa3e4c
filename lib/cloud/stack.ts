import { CfnOutput, type CfnOutputProps, Stack, type StackProps } from "aws-cdk-lib";
import type { Construct } from "constructs";
import { Registry } from "./registry.ts";
import type { RegistryProps } from "./registry-props.ts";

type RegistryStackOptions = RegistryProps & StackProps;

/** Stack that contains only a registry, and outputs its URL and the next commands. */
export class RegistryStack extends Stack {
  readonly registry: Registry;

  /** @param options registry and stack options, or a function that creates the registry's props and their constructs */
  constructor(
    scope: Construct,
    id: string,
    options: RegistryStackOptions | ((stack: Stack) => RegistryProps) = {},
  ) {
    const description = "dockless: a serverless container registry";
    super(scope, id, { description, ...(typeof options === "function" ? {} : options) });
    const props = typeof options === "function" ? options(this) : options;
    this.registry = new Registry(this, "Registry", props);
    const { host, url, directPushUrl, storage } = this.registry;
    new CfnOutput(this, "RegistryUrl", { value: url });
    if (directPushUrl !== undefined) new CfnOutput(this, "DirectPushUrl", directPushOutput(directPushUrl));
    const storageOptions = `--table ${storage.table.tableName} --region ${this.region}`;
    const createFirstUser =
      props.access === undefined
        ? createUserOutput(storageOptions, host)
        : createAccountsOutput(props.access, storageOptions, host);
    new CfnOutput(this, "CreateFirstUserCommand", createFirstUser);
    new CfnOutput(this, "PushFirstImageCommand", {
      description: "Pushes a first image",
      value: `docker pull alpine && docker tag alpine ${host}/alpine && docker push ${host}/alpine`,
    });
    new CfnOutput(this, "BucketName", { value: storage.bucket.bucketName });
    new CfnOutput(this, "TableName", { value: storage.table.tableName });
  }
}

function directPushOutput(value: string): CfnOutputProps {
  return { description: "Accepts pushes from authenticated clients, without CloudFront charges", value };
}

function createUserOutput(storageOptions: string, host: string): CfnOutputProps {
  return {
    description: "Creates a first user, prints its secret once, and grants it access",
    value: [
      `npm run -s dockless -- user add me ${storageOptions}`,
      `npm run -s dockless -- access grant user:me '**' pull,push,delete ${storageOptions}`,
      `docker login -u me ${host}`,
    ].join(" && "),
  };
}

/** Returns a command that creates the file's accounts, but no further grants, since the next deployment would revoke them. */
function createAccountsOutput(file: string, storageOptions: string, host: string): CfnOutputProps {
  return {
    description: "Creates the accounts that the access file names, and prints each secret once",
    value: `npm run -s dockless -- access apply ${file} --create ${storageOptions} && docker login -u NAME ${host}`,
  };
}
