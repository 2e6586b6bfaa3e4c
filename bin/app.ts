import { App } from "aws-cdk-lib";
import { RegistryStack } from "../lib/cloud/stack.ts";

const app = new App();
/** `npx cdk deploy -c access=access.json`, or in the context of `cdk.json`. */
const access: unknown = app.node.tryGetContext("access");
new RegistryStack(app, "Dockless", access === undefined ? {} : { access: String(access) });
