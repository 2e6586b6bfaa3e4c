import { CreateTableCommand, UpdateTimeToLiveCommand } from "@aws-sdk/client-dynamodb";
import { CreateBucketCommand } from "@aws-sdk/client-s3";
import type { AwsServers } from "./support/aws.ts";
import type { Deployment } from "./template/deployment.ts";

/** Creates a deployment's buckets and tables, which are empty. */
export async function createStorage({ s3, dynamo }: AwsServers, deployment: Deployment): Promise<void> {
  for (const Bucket of deployment.buckets) await s3.send(new CreateBucketCommand({ Bucket }));
  for (const { input, ttlAttribute } of deployment.tables) {
    await dynamo.send(new CreateTableCommand(input));
    if (ttlAttribute === undefined) continue;
    const TimeToLiveSpecification = { AttributeName: ttlAttribute, Enabled: true };
    await dynamo.send(new UpdateTimeToLiveCommand({ TableName: input.TableName, TimeToLiveSpecification }));
  }
}
