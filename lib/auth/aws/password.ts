/** The prefix of an AWS principal's password, followed by a presigned URL in base64url. */
export const AWS_PASSWORD_PREFIX = "dockless-aws-v1.";
