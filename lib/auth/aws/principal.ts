/** An AWS principal as GetCallerIdentity returns it, with its ARN in parts. */
export interface AwsPrincipal {
  /** The ARN from STS; for an assumed role, it contains the session name. */
  readonly arn: string;
  readonly account: string;
  /** The ARN that rules are matched against: for an assumed role, the ARN of the role without its path. */
  readonly principalArn: string;
  /** The session name of an assumed role. */
  readonly session?: string;
}

/** The characters of IAM names and paths: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html */
const NAME = "[\\w+=,.@-]+";
const PATH = `${NAME}(?:/${NAME})*`;

const ARN = new RegExp(
  `^arn:(?<partition>aws|aws-cn|aws-us-gov):(?<service>iam|sts)::(?<account>\\d{12}):(?<resource>${PATH})$`,
);
const ASSUMED_ROLE = new RegExp(`^assumed-role/(?<role>${NAME})/(?<session>${NAME})$`);
const OTHER_PRINCIPAL = new RegExp(`^(?:root|user/${PATH}|federated-user/${NAME})$`);

const MAX_ARN_LENGTH = 1024;

/** Parses the ARN of a principal that can sign requests. @returns undefined for any other text */
export function parsePrincipal(arn: string): AwsPrincipal | undefined {
  const { partition, account, service, resource } =
    (arn.length <= MAX_ARN_LENGTH && ARN.exec(arn)?.groups) || {};
  if (partition === undefined || account === undefined || resource === undefined) return undefined;
  const { role, session } = (service === "sts" && ASSUMED_ROLE.exec(resource)?.groups) || {};
  if (role !== undefined && session !== undefined) {
    return { arn, account, principalArn: `arn:${partition}:iam::${account}:role/${role}`, session };
  }
  return OTHER_PRINCIPAL.test(resource) ? { arn, account, principalArn: arn } : undefined;
}
