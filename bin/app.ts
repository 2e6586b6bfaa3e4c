import { App } from "aws-cdk-lib";
import { RegistryStack } from "../lib/cloud/stack.ts";

new RegistryStack(new App(), "Dockless");
