import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from "node:http";
import { SignatureV4 } from "@smithy/signature-v4";
import type { AwsCredentials } from "../../../lib/auth/aws/create-password.ts";
import { Sha256 } from "../../../lib/auth/aws/sha256.ts";
import { listen } from "../../../local-cloud/support/listen.ts";

/** Principal with its credentials. */
export interface KnownPrincipal {
  readonly credentials: AwsCredentials;
  readonly arn: string;
}

/** Stand-in for STS's GetCallerIdentity on this machine: it signs the request with the SDK's signer, and compares. */
export class StandInSts {
  readonly principals: KnownPrincipal[] = [];
  /** Received requests. */
  readonly receivedRequests: string[] = [];
  /** Response that replaces all others. */
  respond: ((response: ServerResponse) => void) | undefined;
  url = "";
  stop = async (): Promise<void> => {};
  now = (): Date => new Date();

  static async start(): Promise<StandInSts> {
    const sts = new StandInSts();
    const { url, stop } = await listen(createServer(sts.#listener));
    sts.url = url;
    sts.stop = stop;
    return sts;
  }

  readonly #listener: RequestListener = (request, response) => {
    this.receivedRequests.push(`${request.method} ${request.url}`);
    if (this.respond !== undefined) this.respond(response);
    else
      this.#identify(request).then(
        ([status, body]) =>
          response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body)),
        (error: unknown) => response.writeHead(500).end(String(error)),
      );
  };

  async #identify(request: IncomingMessage): Promise<[number, object]> {
    const { searchParams } = new URL(request.url ?? "", "https://sts.invalid");
    const query = Object.fromEntries(searchParams);
    const [keyId = "", , region = ""] = (query["X-Amz-Credential"] ?? "").split("/");
    const principal = this.principals.find(({ credentials }) => credentials.accessKeyId === keyId);
    if (request.method !== "GET" || request.headers.accept !== "application/json")
      return refusal("InvalidAction");
    if (principal === undefined) return refusal("InvalidClientTokenId");
    if (principal.credentials.sessionToken !== query["X-Amz-Security-Token"])
      return refusal("InvalidClientTokenId");
    const date = dateOf(query["X-Amz-Date"] ?? "");
    if (this.now().getTime() - date.getTime() > 15 * 60_000) return refusal("ExpiredToken");
    const hosts = [`sts.${region}.amazonaws.com`, "sts.amazonaws.com", `sts-fips.${region}.amazonaws.com`];
    const signatures = await Promise.all(
      hosts.map((host) => signatureOf(request, query, { principal, region, host, date })),
    );
    if (!signatures.includes(query["X-Amz-Signature"])) return refusal("SignatureDoesNotMatch");
    const account = principal.arn.split(":")[4];
    const result = { Account: account, Arn: principal.arn, UserId: `AIDA${keyId.slice(4)}` };
    return [
      200,
      {
        GetCallerIdentityResponse: { GetCallerIdentityResult: result, ResponseMetadata: { RequestId: "1" } },
      },
    ];
  }
}

interface Signed {
  readonly principal: KnownPrincipal;
  readonly region: string;
  readonly host: string;
  readonly date: Date;
}

/** Returns the expected signature of a request, given that the principal signed the rest of it. */
async function signatureOf(
  request: IncomingMessage,
  query: Readonly<Record<string, string>>,
  { principal, region, host, date }: Signed,
): Promise<unknown> {
  const signed = (query["X-Amz-SignedHeaders"] ?? "").split(";");
  const headers = signed.map((name) => [name, name === "host" ? host : String(request.headers[name] ?? "")]);
  const rest = Object.entries(query).filter(([name]) => !name.startsWith("X-Amz-"));
  const signer = new SignatureV4({
    credentials: principal.credentials,
    region,
    service: "sts",
    sha256: Sha256,
  });
  const again = await signer.presign(
    {
      ...{ method: "GET", protocol: "https:", hostname: host, path: "/" },
      ...{ query: Object.fromEntries(rest), headers: Object.fromEntries(headers) },
    },
    { signingDate: date, expiresIn: Number(query["X-Amz-Expires"]) },
  );
  return again.query?.["X-Amz-Signature"];
}

function refusal(code: string): [number, object] {
  return [403, { Error: { Code: code, Message: "refused", Type: "Sender" }, RequestId: "1" }];
}

function dateOf(text: string): Date {
  return new Date(text.replace(/^(.{4})(..)(..)T(..)(..)(..)Z$/, "$1-$2-$3T$4:$5:$6Z"));
}
