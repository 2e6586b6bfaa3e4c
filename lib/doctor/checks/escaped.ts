import { describe } from "../findings/answer.ts";
import { Problem } from "../findings/finding.ts";
import type { Visit } from "../visit/visit.ts";

/** @throws Problem when the blob is not found under this form of its digest */
export async function escaped({ client, root }: Visit, method: string, form: string): Promise<void> {
  const answer = await client.send(method, `${root}/blobs/${form}`, { sink: () => undefined });
  if (answer.status === 200 || answer.status === 307) return;
  throw new Problem(`${method} of …/blobs/${form.slice(0, 12)}… does not find the blob`, {
    expected: "200 or 307",
    came: describe(answer),
    cause: form.includes("%")
      ? "a front encodes the escape a second time (%253A), or the registry does not undo it"
      : "a front escapes the colon in a way that the registry does not undo",
    advice:
      "nothing for docker, which sends a plain colon; other clients may escape it. Please report which part answered",
  });
}
