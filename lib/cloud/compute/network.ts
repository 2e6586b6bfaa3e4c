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
import { createLogGroup } from "../logs.ts";

/** Options for `createNetwork`. */
export interface NetworkProps {
  readonly logRetention: RetentionDays;
}

/** Creates a network without a NAT gateway: S3 and DynamoDB are reached by gateway endpoints, which are free of charge. */
export function createNetwork(scope: Construct, { logRetention: retention }: NetworkProps): IVpc {
  const logs = createLogGroup(scope, "NetworkLogs", { retention });
  const network = new Vpc(scope, "Network", {
    maxAzs: 2,
    natGateways: 0,
    // The default security group is not used.
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
  // CDK's classes do not compile with `exactOptionalPropertyTypes`.
  return network as IVpc;
}
