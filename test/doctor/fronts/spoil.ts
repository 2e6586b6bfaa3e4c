import type { Answered, Asked, Spoil } from "../spoiled.ts";

export const isBlob = ({ path }: Asked) => /\/blobs\/sha256(:|%3a)/i.test(path);
export const isUpload = ({ path }: Asked) => path.includes("/blobs/uploads/");
export const isManifest = ({ path }: Asked) => path.includes("/manifests/");

/** Returns the response with these headers set; undefined removes a header. */
export function withHeaders(answered: Answered, headers: Answered["headers"]): Answered {
  return { ...answered, headers: { ...answered.headers, ...headers } };
}

/** Creates a response. */
export function answerOf(status: number, text: string, headers: Answered["headers"] = {}): Answered {
  return { status, headers, body: Buffer.from(text) };
}

/** Modifies the responses to matching requests. */
export function answers(
  when: (asked: Asked) => boolean,
  change: (answered: Answered, self: string, asked: Asked) => Answered,
): Spoil {
  return { answer: (asked, answered, self) => (when(asked) ? change(answered, self, asked) : answered) };
}

/** Returns a function that removes a header from a response. */
export function without(name: string): (answered: Answered) => Answered {
  return (answered) => withHeaders(answered, { [name]: undefined });
}

/** API Gateway's response to a body that exceeds its limit. */
export const TOO_LARGE = answerOf(413, '{"message":"Request Entity Too Large"}', {
  "apigw-requestid": "Abc=",
});

/** A defect, and the checks that it fails. */
export interface Spoiled {
  readonly what: string;
  readonly spoil: Spoil;
  /** Names of the checks that fail, and no others. */
  readonly fails: readonly string[];
  /** Pattern of the explanation. */
  readonly says: RegExp;
  /** Size of large bodies in bytes. */
  readonly size?: number;
}
