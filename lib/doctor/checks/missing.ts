import type { Check } from "../check.ts";
import { describe, expectStatus } from "../findings/answer.ts";
import { ok, Problem } from "../findings/finding.ts";
import { MANIFEST_TYPE, pushManifest } from "../visit/manifest.ts";

const TAG = "doctor-missing";
const METHODS = ["HEAD", "GET"] as const;
const ACCEPT = { headers: { accept: MANIFEST_TYPE } };

/** Repeats the order of containerd, BuildKit and skopeo: HEAD of a tag, its push, and then a read of it. */
export const missingTag: Check = {
  name: "missing-tag",
  asks: "can a tag be read as soon as it is pushed, after an answer that it is missing?",
  settles: "whether CloudFront repeats the 404 of a tag that has been pushed since",
  run: async (visit) => {
    const image = await visit.image();
    const path = `${visit.root}/manifests/${TAG}`;
    for (const method of METHODS) {
      const before = await visit.client.send(method, path, ACCEPT);
      expectStatus(before, [404], { what: `${method} of a tag that does not exist` });
    }
    await pushManifest(visit, TAG, image);
    for (const method of METHODS) {
      const after = await visit.client.send(method, path, ACCEPT);
      if (after.status === 404) throw repeated(method, describe(after));
      expectStatus(after, [200], { what: `${method} of a tag that was just pushed` });
    }
    return ok("404 before the push, 200 after it");
  },
};

function repeated(method: string, actual: string): Problem {
  return new Problem("a tag that was just pushed is answered as missing", {
    expected: `200 to ${method} of the tag, which was missing before it was pushed`,
    actual,
    cause: "a front caches answers with 404: CloudFront does so for 10 seconds unless told otherwise",
    advice: "set the minimum TTL of error caching to 0 in the distribution, and deploy the stack again",
  });
}
