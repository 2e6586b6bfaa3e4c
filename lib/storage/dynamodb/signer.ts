import { createHmac, hash } from "node:crypto";

/** AWS credentials. */
export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string | undefined;
}

/** Parameters of a signature. */
export interface SigningOptions {
  readonly credentials: Credentials;
  readonly region: string;
  readonly service: string;
  readonly now: Date;
}

const ALGORITHM = "AWS4-HMAC-SHA256";

interface SigningKey {
  readonly secret: string;
  readonly scope: string;
  readonly key: Buffer;
}

/** Signs requests to one service. Caches the last derived signing key, which is valid for a day. */
export class Signer {
  #last: SigningKey | undefined;

  /**
   * Returns the headers of `POST /` including the signature headers: Signature Version 4,
   * docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
   *
   * @param headers all headers in lower case, including `host`
   */
  signPost(
    headers: Readonly<Record<string, string>>,
    body: string,
    { credentials, region, service, now }: SigningOptions,
  ): Record<string, string> {
    const { accessKeyId, secretAccessKey, sessionToken } = credentials;
    const time = now.toISOString().replace(/[-:]|\.\d+/g, "");
    const token = sessionToken ? { "x-amz-security-token": sessionToken } : {};
    const signed: Record<string, string> = { ...headers, "x-amz-date": time, ...token };
    const names = Object.keys(signed).sort();
    const lines = names.map((name) => `${name}:${signed[name]}\n`).join("");
    const request = `POST\n/\n\n${lines}\n${names.join(";")}\n${hash("sha256", body)}`;
    const scope = [time.slice(0, 8), region, service, "aws4_request"];
    const text = `${ALGORITHM}\n${time}\n${scope.join("/")}\n${hash("sha256", request)}`;
    const signature = hmac(this.#keyFor(secretAccessKey, scope), text).toString("hex");
    const credential = `Credential=${accessKeyId}/${scope.join("/")}`;
    signed["authorization"] =
      `${ALGORITHM} ${credential}, SignedHeaders=${names.join(";")}, Signature=${signature}`;
    return signed;
  }

  #keyFor(secret: string, scope: readonly string[]): Buffer {
    const name = scope.join("/");
    if (this.#last?.secret === secret && this.#last.scope === name) return this.#last.key;
    const key = scope.reduce<Buffer>((of, part) => hmac(of, part), Buffer.from(`AWS4${secret}`));
    this.#last = { secret, scope: name, key };
    return key;
  }
}

function hmac(key: Buffer, text: string): Buffer {
  return createHmac("sha256", key).update(text).digest();
}
