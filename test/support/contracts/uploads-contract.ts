import { afterAll, beforeAll } from "vitest";
import type { Opened } from "../opened.ts";
import { LARGE } from "./blobs-contract.ts";
import { uploadEndings } from "./uploads/endings.ts";
import { interruptedUploads } from "./uploads/interruptions.ts";
import { type UploadStores, UploadsLab } from "./uploads/lab.ts";
import { uploadSessions } from "./uploads/sessions.ts";

/** Contract of upload stores; must be called within a `describe`. */
export function uploadsContract(open: () => Promise<Opened<UploadStores>>, large = LARGE): void {
  const lab = new UploadsLab(open, large);
  beforeAll(() => lab.start());
  afterAll(() => lab.stop());

  uploadSessions(lab);
  interruptedUploads(lab);
  uploadEndings(lab);
}
