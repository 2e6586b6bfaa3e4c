import { Effect, PolicyStatement, Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import type { LogGroup } from "aws-cdk-lib/aws-logs";
import type { Construct } from "constructs";
import { BLOBS_PREFIX, UPLOADS_PREFIX } from "../ports/object-names.ts";
import { PARTITIONS } from "../ports/record-keys.ts";
import { acknowledgeFindings, objectsFinding } from "./acknowledge.ts";
import type { Storage } from "./storage.ts";

const BLOB_KEYS = `${BLOBS_PREFIX}*`;
const UPLOAD_KEYS = `${UPLOADS_PREFIX}*`;

const READ_RECORD_ACTIONS = ["dynamodb:GetItem", "dynamodb:BatchGetItem", "dynamodb:Query"];

/** Actions that the items of a transaction require. */
const WRITE_RECORD_ACTIONS = ["dynamodb:PutItem", "dynamodb:DeleteItem", "dynamodb:ConditionCheckItem"];

const PREFIX_REASON =
  "All objects below a prefix of one bucket: their names are digests, or made up by the registry.";

/** Grants what serving pulls requires, including presigned URLs, which have the permissions of their signer. */
export function grantRead(role: Role, storage: Storage): void {
  addStatements(
    role,
    allow(READ_RECORD_ACTIONS, storage.table.tableArn),
    allow(["s3:GetObject"], storage.bucket.arnForObjects(BLOB_KEYS)),
    allowListing(storage),
    denySecrets(storage),
  );
  acknowledgeFindings(role, PREFIX_REASON, objectsFinding(storage.bucket, BLOB_KEYS));
}

/** Grants all permissions of the registry. Blobs can be neither deleted nor copied to the prefix of staged uploads. */
export function grantWrite(role: Role, storage: Storage): void {
  const blobs = storage.bucket.arnForObjects(BLOB_KEYS);
  const uploads = storage.bucket.arnForObjects(UPLOAD_KEYS);
  addStatements(
    role,
    allow([...READ_RECORD_ACTIONS, ...WRITE_RECORD_ACTIONS], storage.table.tableArn),
    allow(["s3:GetObject", "s3:PutObject", "s3:AbortMultipartUpload"], blobs, uploads),
    allow(["s3:DeleteObject"], uploads),
    allowListing(storage),
  );
  acknowledgeFindings(
    role,
    PREFIX_REASON,
    objectsFinding(storage.bucket, BLOB_KEYS),
    objectsFinding(storage.bucket, UPLOAD_KEYS),
  );
}

/** Grants reading and changing the access configuration only, not the contents of the registry. */
export function grantConfigure(role: Role, { table }: Storage): void {
  addStatements(
    role,
    new PolicyStatement({
      actions: ["dynamodb:Query", "dynamodb:PutItem", "dynamodb:DeleteItem"],
      resources: [table.tableArn],
      conditions: { "ForAllValues:StringEquals": { "dynamodb:LeadingKeys": [PARTITIONS.access] } },
    }),
  );
}

/** Allows listing, which the registry does not use: without it, S3 returns 403 instead of 404 for a missing object. */
function allowListing({ bucket }: Storage): PolicyStatement {
  return allow(["s3:ListBucket"], bucket.bucketArn);
}

/** Denies reading the token signing keys: the function verifies tokens, and must not be able to issue them. */
function denySecrets({ table }: Storage): PolicyStatement {
  return new PolicyStatement({
    effect: Effect.DENY,
    actions: READ_RECORD_ACTIONS,
    resources: [table.tableArn],
    conditions: { "ForAnyValue:StringEquals": { "dynamodb:LeadingKeys": [PARTITIONS.secrets] } },
  });
}

function allow(actions: string[], ...resources: string[]): PolicyStatement {
  return new PolicyStatement({ actions, resources });
}

function addStatements(role: Role, ...statements: PolicyStatement[]): void {
  for (const statement of statements) role.addToPolicy(statement);
}

/** Creates a role of a service that may only write logs. */
export function createServiceRole(scope: Construct, service: string, ...logs: LogGroup[]): Role {
  const role = new Role(scope, "Role", { assumedBy: new ServicePrincipal(service) });
  for (const group of logs) group.grantWrite(role);
  return role;
}
