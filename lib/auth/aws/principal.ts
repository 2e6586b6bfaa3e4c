/** Who STS says has signed: an ARN in its parts. */
export interface AwsPrincipal {
  /** As STS says it: of an assumed role with its session. */
  readonly arn: string;
  readonly account: string;
  /** What rules compare: the same, but of an assumed role the role's. */
  readonly principalArn: string;
  /** Of an assumed role. */
  readonly session?: string;
}

/** Characters of IAM's names and paths: docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html */
const NAME = "[\\w+=,.@-]+";
const PATH = `${NAME}(?:/${NAME})*`;

const ARN = new RegExp(
  `^arn:(?<partition>aws|aws-cn|aws-us-gov):(?<service>iam|sts)::(?<account>\\d{12}):(?<resource>${PATH})$`,
);
const ASSUMED_ROLE = new RegExp(`^assumed-role/(?<role>${NAME})/(?<session>${NAME})$`);
const OTHER = new RegExp(`^(?:root|user/${PATH}|federated-user/${NAME})$`);

const MAX_LENGTH = 1024;

/** Undefined when it is no principal's. */
export function parsePrincipal(arn: string): AwsPrincipal | undefined {
  const { partition, account, service, resource } = (arn.length <= MAX_LENGTH && ARN.exec(arn)?.groups) || {};
  if (partition === undefined || account === undefined || resource === undefined) return undefined;
  const { role, session } = (service === "sts" && ASSUMED_ROLE.exec(resource)?.groups) || {};
  if (role !== undefined && session !== undefined) {
    return { arn, account, principalArn: `arn:${partition}:iam::${account}:role/${role}`, session };
  }
  return OTHER.test(resource) ? { arn, account, principalArn: arn } : undefined;
}
