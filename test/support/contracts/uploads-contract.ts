import { afterAll, beforeAll } from "vitest";
import type { Opened } from "../opened.ts";
import { LARGE_BLOB_BYTES } from "./blobs-contract.ts";
import { uploadEndings } from "./uploads/endings.ts";
import { interruptedUploads } from "./uploads/interruptions.ts";
import { uploadSessions } from "./uploads/sessions.ts";
import { type UploadStores, UploadsContext } from "./uploads/uploads-context.ts";

/** Contract of upload stores; must be called within a `describe`. */
export function uploadsContract(open: () => Promise<Opened<UploadStores>>, large = LARGE_BLOB_BYTES): void {
  const context = new UploadsContext(open, large);
  beforeAll(() => context.start());
  afterAll(() => context.stop());

  uploadSessions(context);
  interruptedUploads(context);
  uploadEndings(context);
}
