import { SignatureV4 } from "@smithy/signature-v4";
import { AUDIENCE_HEADER } from "../../ports/headers.ts";
import { AWS_PASSWORD } from "./password.ts";
import { Sha256 } from "./sha256.ts";
import { hostOfRegion } from "./sts-host.ts";

export interface AwsCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

export interface Signing {
  readonly credentials: AwsCredentials;
  readonly region: string;
  /** The registry's host, with its port if that is not the usual one. */
  readonly audience: string;
  readonly now: Date;
}

/** Seconds: as long as STS takes it. */
const LIFETIME = 15 * 60;

/** The password by which the holder of these credentials logs in at one registry, and at no other. */
export async function makePassword({ credentials, region, audience, now }: Signing): Promise<string> {
  const host = hostOfRegion(region);
  if (host === undefined) throw new Error(`there is no AWS region ${region}`);
  const signer = new SignatureV4({ credentials, region, service: "sts", sha256: Sha256 });
  const { query = {} } = await signer.presign(
    {
      ...{ method: "GET", protocol: "https:", hostname: host, path: "/" },
      query: { Action: "GetCallerIdentity", Version: "2011-06-15" },
      headers: { host, [AUDIENCE_HEADER]: audience },
    },
    { expiresIn: LIFETIME, signingDate: now },
  );
  const pairs = Object.entries(query).map(([name, value]) => `${name}=${encodeURIComponent(String(value))}`);
  return AWS_PASSWORD + Buffer.from(`https://${host}/?${pairs.join("&")}`).toString("base64url");
}
