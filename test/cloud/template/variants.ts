import { join } from "node:path";
import type { App } from "aws-cdk-lib";
import { CfnWaitConditionHandle, Stack } from "aws-cdk-lib";
import { Certificate } from "aws-cdk-lib/aws-certificatemanager";
import { HostedZone } from "aws-cdk-lib/aws-route53";
import { Topic } from "aws-cdk-lib/aws-sns";
import type { Props, PropsMaker } from "./synthesized.ts";

/** Returns props with all options: custom hostname, web ACL, topic for alarms. */
export function withDomain(app: App): Props {
  const owned = new Stack(app, "Owned");
  // CloudFormation rejects stacks without resources.
  new CfnWaitConditionHandle(owned, "Nothing");
  const arn = (service: string, rest: string) => `arn:aws:${service}:us-east-1:123456789012:${rest}`;
  return {
    domain: {
      domainName: "registry.example.org",
      certificate: Certificate.fromCertificateArn(owned, "Certificate", arn("acm", "certificate/1234")),
      hostedZone: HostedZone.fromHostedZoneAttributes(owned, "Zone", {
        hostedZoneId: "Z0123456789",
        zoneName: "example.org",
      }),
    },
    webAclArn: arn("wafv2", "global/webacl/filter/1234"),
    alarmTopic: Topic.fromTopicArn(owned, "Topic", arn("sns", "alarms")),
  };
}

/** Access file with every kind of entry. */
const ACCESS_FILE = join(import.meta.dirname, "access.json");

/** All documented ways of deployment: docs/deploy.md */
export const VARIANTS: Readonly<Record<string, Props | PropsMaker>> = {
  default: {},
  fargate: { uploads: "fargate" },
  domain: withDomain,
  "short-lived": { destroyData: true, corsOrigins: ["https://ui.example.com"] },
  access: { access: ACCESS_FILE },
  "direct-push": { directPush: true },
  rotation: { originSecrets: ["2", "1"], reservedConcurrency: 25 },
};
