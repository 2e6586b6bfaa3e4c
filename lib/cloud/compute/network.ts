import {
  FlowLogDestination,
  FlowLogTrafficType,
  GatewayVpcEndpointAwsService,
  type IVpc,
  SubnetType,
  Vpc,
} from "aws-cdk-lib/aws-ec2";
import type { RetentionDays } from "aws-cdk-lib/aws-logs";
import type { Construct } from "constructs";
import { logGroup } from "../logs.ts";

export interface NetworkProps {
  readonly logRetention: RetentionDays;
}

/** Without a NAT gateway: bytes go to S3 and DynamoDB by gateway endpoints, which cost nothing. */
export function registryNetwork(scope: Construct, { logRetention: retention }: NetworkProps): IVpc {
  const logs = logGroup(scope, "NetworkLogs", { retention });
  const network = new Vpc(scope, "Network", {
    maxAzs: 2,
    natGateways: 0,
    // Nothing uses it.
    restrictDefaultSecurityGroup: false,
    subnetConfiguration: [{ name: "Registry", subnetType: SubnetType.PUBLIC, mapPublicIpOnLaunch: false }],
    gatewayEndpoints: {
      S3: { service: GatewayVpcEndpointAwsService.S3 },
      DynamoDb: { service: GatewayVpcEndpointAwsService.DYNAMODB },
    },
    flowLogs: {
      Rejected: {
        destination: FlowLogDestination.toCloudWatchLogs(logs),
        trafficType: FlowLogTrafficType.REJECT,
      },
    },
  });
  // CDK's classes are not written for `exactOptionalPropertyTypes`.
  return network as IVpc;
}
