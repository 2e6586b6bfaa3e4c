import type { CheckContext } from "../context/check-context.ts";
import { CheckFailure } from "../findings/finding.ts";
import { describeResponse } from "../findings/response.ts";

/**
 * Requests a blob by a given spelling of its digest.
 * @param form digest with a plain or a percent-encoded colon
 * @throws CheckFailure if the registry does not return the blob
 */
export async function expectBlob(
  { client, root }: CheckContext,
  method: string,
  form: string,
): Promise<void> {
  const response = await client.send(method, `${root}/blobs/${form}`, { sink: () => undefined });
  if (response.status === 200 || response.status === 307) return;
  throw new CheckFailure(`${method} of …/blobs/${form.slice(0, 12)}… does not return the blob`, {
    expected: "200 or 307",
    actual: describeResponse(response),
    cause: form.includes("%")
      ? "a proxy double-encodes the colon (%253A), or the registry does not decode it"
      : "a proxy percent-encodes the colon in a form that the registry does not decode",
    advice:
      "none required for docker, which sends a plain colon; other clients may percent-encode it. Please report which service responded",
  });
}
