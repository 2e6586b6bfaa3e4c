import { MIB } from "../../../soak/figures.ts";
import { requireNone } from "../../../soak/report.ts";
import { download, type HttpResponse, requireStatus, sendRequest } from "../../../soak/support/client.ts";
import { createContent } from "../../../soak/support/content.ts";
import { createImage } from "../../../soak/support/images.ts";
import { pushBlob, pushManifest } from "../../../soak/support/push.ts";
import type { Stage } from "../stage.ts";

const REPOSITORY = "cloud/direct";

/** Sizes above API Gateway's limit, and above Lambda's limit only in base64. */
const TOO_LARGE_SIZES = [12 * MIB, 5 * MIB];
const SMALL = 4_000_000;

/** Guarantee: without CloudFront pulls and small pushes work, and larger pushes are rejected with the hostname to use. */
export async function runDirect({ report, cloud, mode, options }: Stage): Promise<void> {
  const target = { url: cloud.apiUrl, repository: REPOSITORY };
  await report.case(`${mode}: API Gateway alone, a small image`, async () => {
    const layers = (["put", "patch", "post"] as const).map((style, index) => {
      return { style, blob: createContent(`${options.seed}/${mode}/${style}`, SMALL - index) };
    });
    const config = createContent(`${options.seed}/${mode}/config`, 1000);
    for (const { style, blob } of [...layers, { style: "put" as const, blob: config }])
      requireStatus(await pushBlob(target, blob, style), 201);
    const image = createImage(
      config,
      layers.map(({ blob }) => blob),
    );
    requireStatus(await pushManifest(target, image, "small"), 201);
    const pulled = await sendRequest(`${target.url}/v2/${REPOSITORY}/manifests/small`);
    const problems = pulled.body.equals(Buffer.from(image.bytes)) ? [] : ["the manifest has other bytes"];
    for (const { digest } of image.blobs) {
      const got = await download(`${target.url}/v2/${REPOSITORY}/blobs/${digest}`);
      if (got.digest !== digest) problems.push(`${digest}: ${got.status}, ${got.size} other bytes`);
    }
    return requireNone(problems, `${image.blobs.length} blobs of up to ${SMALL} bytes`);
  });
  await report.case(`${mode}: API Gateway alone, large layers`, async () => {
    const begun = await sendRequest(`${target.url}/v2/${REPOSITORY}/blobs/uploads/`, { method: "POST" });
    const problems = wrongWarning(requireStatus(begun, 202), new URL(cloud.url).host);
    for (const size of TOO_LARGE_SIZES) {
      const { status } = await pushBlob(target, createContent(`${options.seed}/${size}`, size), "put");
      if (status !== 413) problems.push(`${size} bytes returned ${status}`);
    }
    return requireNone(problems, `rejected with 413, after: ${begun.headers["warning"]}`);
  });
}

function wrongWarning({ headers }: HttpResponse, host: string): string[] {
  const { warning } = headers;
  const names = typeof warning === "string" && warning.startsWith("299 - ") && warning.includes(host);
  return names ? [] : [`the warning does not name ${host}: ${String(warning)}`];
}
