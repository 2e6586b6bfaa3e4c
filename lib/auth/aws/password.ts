/** What the password of an AWS principal begins with; a presigned URL in base64url follows. */
export const AWS_PASSWORD = "dockless-aws-v1.";
