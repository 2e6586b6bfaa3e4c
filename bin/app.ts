import { App } from "aws-cdk-lib";
import { RegistryStack } from "../lib/cloud/stack.ts";

const app = new App();
/** Path of the access file, from `npx cdk deploy -c access=access.json` or the context in `cdk.json`. */
const access: unknown = app.node.tryGetContext("access");
new RegistryStack(app, "Dockless", access === undefined ? {} : { access: String(access) });
