import type { Answered, Asked, Spoil } from "../spoiled.ts";

export const isBlob = ({ path }: Asked) => /\/blobs\/sha256(:|%3a)/i.test(path);
export const isUpload = ({ path }: Asked) => path.includes("/blobs/uploads/");
export const isManifest = ({ path }: Asked) => path.includes("/manifests/");

export function withHeaders(answered: Answered, headers: Answered["headers"]): Answered {
  return { ...answered, headers: { ...answered.headers, ...headers } };
}

export function answerOf(status: number, text: string, headers: Answered["headers"] = {}): Answered {
  return { status, headers, body: Buffer.from(text) };
}

/** Spoils the answers to some requests. */
export function answers(
  when: (asked: Asked) => boolean,
  change: (answered: Answered, self: string, asked: Asked) => Answered,
): Spoil {
  return { answer: (asked, answered, self) => (when(asked) ? change(answered, self, asked) : answered) };
}

export function without(name: string): (answered: Answered) => Answered {
  return (answered) => withHeaders(answered, { [name]: undefined });
}

export const TOO_LARGE = answerOf(413, '{"message":"Request Entity Too Large"}', {
  "apigw-requestid": "Abc=",
});

export interface Spoiled {
  readonly what: string;
  readonly spoil: Spoil;
  /** The checks that fail by it, and no others. */
  readonly fails: readonly string[];
  /** What is said to it. */
  readonly says: RegExp;
  /** Bytes of the large bodies. */
  readonly size?: number;
}
