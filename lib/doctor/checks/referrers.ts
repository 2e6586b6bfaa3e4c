import { createBlob } from "../../client/content.ts";
import type { Check } from "../check.ts";
import { createArtifact, pushManifest } from "../context/manifest.ts";
import { pushBlob } from "../context/upload.ts";
import { CheckFailure, ok } from "../findings/finding.ts";
import { describeResponse, expectHeader, expectStatus } from "../findings/response.ts";

const ARTIFACT_TYPE = "application/vnd.dockless.doctor";

/**
 * Content of the empty descriptor.
 * @see https://github.com/opencontainers/image-spec/blob/v1.1.1/manifest.md#guidance-for-an-empty-descriptor
 */
const EMPTY_BLOB = createBlob(Buffer.from("{}"));

/** Pushes an artifact with a subject, and lists the subject's referrers. */
export const referrers: Check = {
  name: "referrers",
  question: "are signatures and SBOMs listed as referrers of the image?",
  run: async (context) => {
    const image = await context.getImage();
    await pushBlob(context, EMPTY_BLOB);
    const artifact = createArtifact(image, EMPTY_BLOB, ARTIFACT_TYPE);
    const response = await pushManifest(context, artifact.digest, artifact);
    expectHeader(response, "OCI-Subject", image.digest, {
      what: "PUT of an artifact with a subject",
      cause: "a proxy drops the header",
      advice:
        "configure the proxy to pass OCI-* headers through: without OCI-Subject, clients fall back to the referrers tag schema",
    });
    const query = `artifactType=${encodeURIComponent(ARTIFACT_TYPE)}`;
    const list = await context.client.send("GET", `${context.root}/referrers/${image.digest}?${query}`);
    expectStatus(list, [200], { what: "the referrers list" });
    if (list.body.toString("utf8").includes(artifact.digest))
      return ok("OCI-Subject is returned, and the artifact is listed");
    throw new CheckFailure("the artifact is not listed", {
      expected: artifact.digest,
      actual: describeResponse(list),
      cause: "a proxy serves a stale cached response, or modifies the query string",
      advice:
        "disable caching for the registry, and configure the proxy to forward query strings to the origin",
    });
  },
};
