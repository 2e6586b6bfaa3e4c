import { bytesBlob } from "../../client/content.ts";
import type { Check } from "../check.ts";
import { describe, expectHeader, expectStatus } from "../findings/answer.ts";
import { ok, Problem } from "../findings/finding.ts";
import { artifactOf, pushManifest } from "../visit/manifest.ts";
import { pushByPut } from "../visit/upload.ts";

const ARTIFACT_TYPE = "application/vnd.dockless.doctor";

/** The empty descriptor of the image-spec: manifest.md#guidance-for-an-empty-descriptor */
const EMPTY = bytesBlob(Buffer.from("{}"));

export const referrers: Check = {
  name: "referrers",
  asks: "are signatures and SBOMs found by the image that they belong to?",
  run: async (visit) => {
    const image = await visit.image();
    await pushByPut(visit, EMPTY);
    const artifact = artifactOf(image, EMPTY, ARTIFACT_TYPE);
    const answer = await pushManifest(visit, artifact.digest, artifact);
    expectHeader(answer, "OCI-Subject", image.digest, {
      what: "the PUT of an artifact with a subject",
      cause: "a front drops the header",
      advice: "let OCI-* headers pass: without it clients keep a list of their own under a tag",
    });
    const query = `artifactType=${encodeURIComponent(ARTIFACT_TYPE)}`;
    const list = await visit.client.send("GET", `${visit.root}/referrers/${image.digest}?${query}`);
    expectStatus(list, [200], { what: "the list of referrers" });
    if (list.body.toString("utf8").includes(artifact.digest))
      return ok("OCI-Subject, and the artifact is listed");
    throw new Problem("the artifact is not listed", {
      expected: artifact.digest,
      came: describe(list),
      cause: "an old answer is cached in front of the registry, or the query is changed",
      advice: "switch caching off for the registry, and pass queries on to the origin",
    });
  },
};
