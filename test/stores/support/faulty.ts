import { type AwsPlace, newPlace } from "../../../local-cloud/support/aws-place.ts";
import { Random } from "../../../local-cloud/support/random.ts";
import { withCleanup } from "../../soak/cleanup.ts";
import { DYNAMODB, S3 } from "../../support/faults/fault-answers.ts";
import { type FaultProxy, startFaultProxy } from "../../support/faults/fault-proxy.ts";

/** Bucket and table, and proxies that inject faults. */
export interface FaultyPlace {
  readonly straight: AwsPlace;
  readonly faulty: AwsPlace;
  readonly s3: FaultProxy;
  readonly dynamo: FaultProxy;
}

/** Duration of a stall, longer than all of the registry's timeouts together: docs/storage.md#when-a-store-fails */
const STALL_MILLISECONDS = 150_000;

/** Runs work with a new bucket and table behind fault proxies. */
export async function withFaultyPlace<T>(
  seed: string,
  work: (location: FaultyPlace) => Promise<T>,
): Promise<T> {
  const straight = await newPlace();
  const { s3Url, dynamoUrl } = straight.endpoints;
  const common = { stall: STALL_MILLISECONDS };
  const s3 = await startFaultProxy({
    ...common,
    target: s3Url,
    dialect: S3,
    random: new Random(`${seed}/s3`),
  });
  return await withCleanup(s3.stop, async () => {
    const random = new Random(`${seed}/dynamodb`);
    const dynamo = await startFaultProxy({ ...common, target: dynamoUrl, dialect: DYNAMODB, random });
    const endpoints = { s3Url: s3.url, dynamoUrl: dynamo.url };
    const location = { straight, faulty: { ...straight, endpoints }, s3, dynamo };
    return await withCleanup(dynamo.stop, () => work(location));
  });
}
