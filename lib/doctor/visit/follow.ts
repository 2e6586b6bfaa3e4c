import { createHash } from "node:crypto";
import type { Client, Sent } from "../../client/client.ts";
import type { Answer } from "../../client/message.ts";
import { describe } from "../findings/answer.ts";
import { Problem } from "../findings/finding.ts";
import { likely } from "../findings/likely.ts";

/** What a GET of a blob led to. */
export interface Followed {
  readonly first: Answer;
  /** The same as the first, when there was no redirect. */
  readonly last: Answer;
  readonly url: URL;
}

const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

/** A GET that follows one redirect, without `Authorization`, as clients do. */
export async function follow(client: Client, path: string, sent: Sent = {}): Promise<Followed> {
  const first = await client.send("GET", path, sent);
  const url = new URL(path, client.base);
  if (!REDIRECTS.has(first.status)) return { first, last: first, url };
  const location = first.headers["location"];
  if (location === undefined || !URL.canParse(location, url.href)) throw unusable(first, location);
  const target = new URL(location, url);
  return { first, last: await client.elsewhere("GET", target, sent), url: target };
}

function unusable(first: Answer, location: string | undefined): Problem {
  return new Problem("the redirect leads nowhere", {
    expected: "307 with the Location of the bytes",
    came: `${describe(first)}, Location: ${location ?? "none"}`,
    cause: "a front drops or rewrites Location",
    advice: "let the Location headers of the registry pass unchanged",
  });
}

/** @throws Problem when the last answer has another status */
export function expectBytes({ first, last, url }: Followed, status: number, what: string): void {
  if (last.status === status) return;
  const came = describe(last);
  const where = first === last ? "the registry" : url.host;
  const expected = `${what} is answered with ${status}`;
  throw new Problem(`${what}: ${where} answers ${last.status}`, {
    expected,
    came,
    ...(first === last ? likely(last) : ofStorage(last)),
  });
}

function ofStorage(last: Answer) {
  const code = /<Code>(\w+)<\/Code>/.exec(last.body.toString("utf8"))?.[1];
  switch (code) {
    case "AccessDenied":
      return {
        cause: "the role that signed the URL may not read the bucket, or the URL was changed on its way",
        advice:
          "grant the pull function s3:GetObject on blobs/* (and kms:Decrypt with a key of yours), and deploy again",
      };
    case "SignatureDoesNotMatch":
      return {
        cause: "the URL was changed on its way: a front re-encodes Location",
        advice: "let the Location headers of the registry pass unchanged",
      };
    case "ExpiredToken":
    case "RequestTimeTooSkewed":
      return {
        cause: "the URL outlived the credentials that signed it, or a clock is wrong",
        advice: "lower DOCKLESS_URL_LIFETIME, and see the check clock",
      };
    case "NoSuchKey":
    case "NoSuchBucket":
      return {
        cause: "the record of the blob names bytes that are not in the bucket",
        advice:
          "see that all functions have the same bucket and table, and that nothing else deletes objects there",
      };
    default:
      return {
        cause: "the place that the redirect leads to does not serve the bytes",
        advice: "fetch the Location of a GET by curl, and read what it says",
      };
  }
}

/** Hashes what passes by. */
export function hashingSink() {
  const hash = createHash("sha256");
  let size = 0;
  return {
    sink: (chunk: Buffer) => {
      hash.update(chunk);
      size += chunk.length;
    },
    result: () => ({ digest: `sha256:${hash.digest("hex")}`, size }),
  };
}
