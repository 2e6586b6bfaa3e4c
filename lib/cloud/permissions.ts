import { Effect, PolicyStatement, Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import type { LogGroup } from "aws-cdk-lib/aws-logs";
import type { Construct } from "constructs";
import { BLOBS_PREFIX, UPLOADS_PREFIX } from "../ports/object-names.ts";
import { PARTITIONS } from "../ports/record-keys.ts";
import { acknowledge, objectsOf } from "./acknowledge.ts";
import type { Storage } from "./storage.ts";

const BLOBS = `${BLOBS_PREFIX}*`;
const UPLOADS = `${UPLOADS_PREFIX}*`;

const READ_RECORDS = ["dynamodb:GetItem", "dynamodb:BatchGetItem", "dynamodb:Query"];

/** Parts of a transaction are allowed one by one. */
const WRITE_RECORDS = ["dynamodb:PutItem", "dynamodb:DeleteItem", "dynamodb:ConditionCheckItem"];

const BY_PREFIX =
  "All objects below a prefix of one bucket: their names are digests, or made up by the registry.";

/** All that serving pulls takes. Covers the URLs too, which can do what the one that signed them can. */
export function mayRead(role: Role, storage: Storage): void {
  grant(
    role,
    allow(READ_RECORDS, storage.table.tableArn),
    allow(["s3:GetObject"], storage.bucket.arnForObjects(BLOBS)),
    listing(storage),
    withoutSecrets(storage),
  );
  acknowledge(role, BY_PREFIX, objectsOf(storage.bucket, BLOBS));
}

/** All that the registry does. Blobs are never deleted, and neither are they copied to where uploads are staged. */
export function mayWrite(role: Role, storage: Storage): void {
  const blobs = storage.bucket.arnForObjects(BLOBS);
  const uploads = storage.bucket.arnForObjects(UPLOADS);
  grant(
    role,
    allow([...READ_RECORDS, ...WRITE_RECORDS], storage.table.tableArn),
    allow(["s3:GetObject", "s3:PutObject", "s3:AbortMultipartUpload"], blobs, uploads),
    allow(["s3:DeleteObject"], uploads),
    listing(storage),
  );
  acknowledge(role, BY_PREFIX, objectsOf(storage.bucket, BLOBS), objectsOf(storage.bucket, UPLOADS));
}

/** All that it takes to read and change who may do what, and nothing of what is stored. */
export function mayConfigure(role: Role, { table }: Storage): void {
  grant(
    role,
    new PolicyStatement({
      actions: ["dynamodb:Query", "dynamodb:PutItem", "dynamodb:DeleteItem"],
      resources: [table.tableArn],
      conditions: { "ForAllValues:StringEquals": { "dynamodb:LeadingKeys": [PARTITIONS.access] } },
    }),
  );
}

/** Nothing is listed; but without this, S3 answers 403 in place of 404 for an object that is not there. */
function listing({ bucket }: Storage): PolicyStatement {
  return allow(["s3:ListBucket"], bucket.bucketArn);
}

/** Who only verifies tokens cannot make them. */
function withoutSecrets({ table }: Storage): PolicyStatement {
  return new PolicyStatement({
    effect: Effect.DENY,
    actions: READ_RECORDS,
    resources: [table.tableArn],
    conditions: { "ForAnyValue:StringEquals": { "dynamodb:LeadingKeys": [PARTITIONS.secrets] } },
  });
}

function allow(actions: string[], ...resources: string[]): PolicyStatement {
  return new PolicyStatement({ actions, resources });
}

function grant(role: Role, ...statements: PolicyStatement[]): void {
  for (const statement of statements) role.addToPolicy(statement);
}

/** A role of a service that may do nothing but write logs. */
export function roleFor(scope: Construct, service: string, ...logs: LogGroup[]): Role {
  const role = new Role(scope, "Role", { assumedBy: new ServicePrincipal(service) });
  for (const group of logs) group.grantWrite(role);
  return role;
}
