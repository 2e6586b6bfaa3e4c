import { type App, Duration } from "aws-cdk-lib";
import { Certificate } from "aws-cdk-lib/aws-certificatemanager";
import { HostedZone } from "aws-cdk-lib/aws-route53";
import { Topic } from "aws-cdk-lib/aws-sns";
import type { Construct } from "constructs";
import type { RegistryDomain } from "../edge/registry-distribution.ts";
import type { RegistryProps } from "../registry-props.ts";
import { RegistryStack } from "../stack.ts";
import type { DeployConfig } from "./parse-config.ts";
import { readConfig } from "./read-config.ts";

const STACK_ID = "Dockless";

/**
 * Creates the stack from the app's context: `config` is the path of a configuration file; `access` is the path of an access
 * file, and takes precedence over the access file named in the configuration.
 * @throws ConfigError when the configuration file is invalid
 */
export function createStack(app: App): RegistryStack {
  const [path, access] = [contextOf(app, "config"), contextOf(app, "access")];
  const config = path === undefined ? {} : readConfig(path);
  const options = { ...config, ...(access && { access }) };
  return new RegistryStack(app, STACK_ID, (stack) => propsOf(options, stack));
}

function contextOf(app: App, name: string): string | undefined {
  const value: unknown = app.node.tryGetContext(name);
  return value === undefined ? undefined : String(value);
}

function propsOf(
  { domain, urlLifetime, alarmTopic, ...rest }: DeployConfig,
  scope: Construct,
): RegistryProps {
  return {
    ...rest,
    ...(domain && { domain: domainOf(domain, scope) }),
    ...(urlLifetime && { urlLifetime: Duration.seconds(urlLifetime) }),
    ...(alarmTopic && { alarmTopic: Topic.fromTopicArn(scope, "AlarmTopic", alarmTopic) }),
  };
}

function domainOf(domain: NonNullable<DeployConfig["domain"]>, scope: Construct): RegistryDomain {
  const { domainName, certificateArn, hostedZone } = domain;
  return {
    domainName,
    certificate: Certificate.fromCertificateArn(scope, "Certificate", certificateArn),
    ...(hostedZone && { hostedZone: HostedZone.fromHostedZoneAttributes(scope, "Zone", hostedZone) }),
  };
}
