import { OciError } from "../../../lib/oci/errors.ts";
import { parseTag } from "../../../lib/oci/reference.ts";
import { deleteBlob, mountBlob, putBlob } from "../../../lib/registry/blobs.ts";
import { deleteManifest } from "../../../lib/registry/manifests/delete.ts";
import { getManifest } from "../../../lib/registry/manifests/get.ts";
import { pushManifest } from "../../../lib/registry/manifests/push.ts";
import type { RegistryContext } from "../../../lib/registry/registry-context.ts";
import { bodyOf } from "../content.ts";
import {
  type BlobLabel,
  CONTENTS,
  labelOf,
  type ManifestLabel,
  type Name,
  repositoryName,
  type TagLabel,
} from "./world.ts";

/** Request of a client. */
export type Operation =
  | { readonly kind: "upload"; readonly name: Name; readonly blob: BlobLabel }
  | { readonly kind: "mount"; readonly name: Name; readonly blob: BlobLabel; readonly from: Name | undefined }
  | {
      readonly kind: "push";
      readonly name: Name;
      readonly manifest: ManifestLabel;
      readonly tags: readonly TagLabel[];
      readonly precondition: "absent" | "present" | undefined;
    }
  | { readonly kind: "delete manifest"; readonly name: Name; readonly manifest: ManifestLabel }
  | { readonly kind: "delete tag"; readonly name: Name; readonly tag: TagLabel }
  | { readonly kind: "delete blob"; readonly name: Name; readonly blob: BlobLabel }
  | { readonly kind: "get"; readonly name: Name; readonly tag: TagLabel };

/**
 * Performs an operation.
 * @returns "done" or the result, or the error's code with the labels that it concerns
 * @throws errors that the registry does not report to clients
 */
export async function perform(registry: RegistryContext, operation: Operation): Promise<string> {
  try {
    return (await act(registry, operation)) ?? "done";
  } catch (error) {
    if (error instanceof OciError) return responseOf(error);
    throw error;
  }
}

function responseOf({ code, details }: OciError): string {
  if (code !== "MANIFEST_BLOB_UNKNOWN") return code;
  const digests = details.map((detail) => String(Object(detail).digest));
  return `${code} ${digests.map(labelOf).sort().join(" ")}`;
}

async function act(registry: RegistryContext, operation: Operation): Promise<string | undefined> {
  const name = repositoryName(operation.name);
  switch (operation.kind) {
    case "upload": {
      const { digest, bytes } = CONTENTS[operation.blob];
      await putBlob(registry, name, digest, bodyOf(bytes));
      return undefined;
    }
    case "mount": {
      const from = operation.from === undefined ? undefined : repositoryName(operation.from);
      const mounted = await mountBlob(registry, name, CONTENTS[operation.blob].digest, from);
      return mounted ? "done" : "not mounted";
    }
    case "push":
      return await push(registry, operation);
    case "delete manifest":
      await deleteManifest(registry, name, CONTENTS[operation.manifest].digest);
      return undefined;
    case "delete tag":
      await deleteManifest(registry, name, parseTag(operation.tag));
      return undefined;
    case "delete blob":
      await deleteBlob(registry, name, CONTENTS[operation.blob].digest);
      return undefined;
    case "get":
      return labelOf((await getManifest(registry, name, parseTag(operation.tag))).digest);
  }
}

async function push(
  registry: RegistryContext,
  operation: Extract<Operation, { kind: "push" }>,
): Promise<undefined> {
  const { bytes, mediaType } = CONTENTS[operation.manifest];
  await pushManifest(registry, repositoryName(operation.name), {
    body: bytes,
    contentType: mediaType,
    digest: undefined,
    tags: operation.tags.map(parseTag),
    precondition: operation.precondition,
  });
}
