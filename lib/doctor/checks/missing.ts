import type { Check } from "../check.ts";
import { MANIFEST_MEDIA_TYPE, pushManifest } from "../context/manifest.ts";
import { CheckFailure, ok } from "../findings/finding.ts";
import { describeResponse, expectStatus } from "../findings/response.ts";

const MISSING_TAG = "doctor-missing";
const READ_METHODS = ["HEAD", "GET"] as const;
const ACCEPT_MANIFEST = { headers: { accept: MANIFEST_MEDIA_TYPE } };

/** Requests a tag before and after its push, in the order of containerd, BuildKit and skopeo. */
export const missingTag: Check = {
  name: "missing-tag",
  question: "can a tag be pulled immediately after its push, even if it was requested before the push?",
  settles: "whether CloudFront serves a cached 404 for a tag after its push",
  run: async (context) => {
    const image = await context.getImage();
    const path = `${context.root}/manifests/${MISSING_TAG}`;
    for (const method of READ_METHODS) {
      const before = await context.client.send(method, path, ACCEPT_MANIFEST);
      expectStatus(before, [404], { what: `${method} of an unknown tag` });
    }
    await pushManifest(context, MISSING_TAG, image);
    for (const method of READ_METHODS) {
      const after = await context.client.send(method, path, ACCEPT_MANIFEST);
      if (after.status === 404) throw createCached404Error(method, describeResponse(after));
      expectStatus(after, [200], { what: `${method} of a pushed tag` });
    }
    return ok("404 before the push, 200 after it");
  },
};

function createCached404Error(method: string, actual: string): CheckFailure {
  return new CheckFailure("404 is returned for a pushed tag", {
    expected: `${method} of the tag returns 200 after its push`,
    actual,
    cause: "a proxy caches 404 responses: CloudFront does so for 10 seconds by default",
    advice: "set the error caching minimum TTL of the CloudFront distribution to 0, and redeploy the stack",
  });
}
