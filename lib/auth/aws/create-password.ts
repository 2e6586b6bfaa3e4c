import { SignatureV4 } from "@smithy/signature-v4";
import { AUDIENCE_HEADER } from "../../ports/headers.ts";
import { AWS_PASSWORD_PREFIX } from "./password.ts";
import { Sha256 } from "./sha256.ts";
import { hostOfRegion } from "./sts-host.ts";

/** Long-term or, with a session token, temporary AWS credentials. */
export interface AwsCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

/** The credentials, region, audience and time of an AWS password. */
export interface AwsPasswordOptions {
  readonly credentials: AwsCredentials;
  readonly region: string;
  /** The registry's host, with its port unless that is 443. */
  readonly audience: string;
  readonly now: Date;
}

/** The longest lifetime that STS accepts. */
const LIFETIME_SECONDS = 15 * 60;

/**
 * Creates the password with which the holder of AWS credentials authenticates to one registry: the audience is signed, so
 * that another registry cannot use it. It is valid for 15 minutes.
 * @throws Error when the AWS region does not exist
 */
export async function createAwsPassword({
  credentials,
  region,
  audience,
  now,
}: AwsPasswordOptions): Promise<string> {
  const host = hostOfRegion(region);
  if (host === undefined) throw new Error(`unknown AWS region: ${region}`);
  const signer = new SignatureV4({ credentials, region, service: "sts", sha256: Sha256 });
  const { query = {} } = await signer.presign(
    {
      ...{ method: "GET", protocol: "https:", hostname: host, path: "/" },
      query: { Action: "GetCallerIdentity", Version: "2011-06-15" },
      headers: { host, [AUDIENCE_HEADER]: audience },
    },
    { expiresIn: LIFETIME_SECONDS, signingDate: now },
  );
  const pairs = Object.entries(query).map(([name, value]) => `${name}=${encodeURIComponent(String(value))}`);
  return AWS_PASSWORD_PREFIX + Buffer.from(`https://${host}/?${pairs.join("&")}`).toString("base64url");
}
