import { afterEach, beforeEach } from "vitest";
import { newFolder } from "./folder.ts";

/** Creates a temporary folder before each test of the file or block, and removes it after the test. */
export function useFolder(): { readonly path: string } {
  let folder: Awaited<ReturnType<typeof newFolder>>;
  beforeEach(async () => {
    folder = await newFolder();
  });
  afterEach(() => folder.remove());
  return {
    get path() {
      return folder.path;
    },
  };
}
