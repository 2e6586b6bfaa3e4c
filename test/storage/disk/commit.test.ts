import { constants } from "node:os";
import { describe, expect, it } from "vitest";
import { StorageFullError, StorageUnavailableError } from "../../../lib/ports/storage-errors.ts";
import { awaitCommit } from "../../../lib/storage/disk/commit.ts";

const FULL = Object.assign(new Error("no space left on device"), { code: constants.errno.ENOSPC });
const FAILED = Object.assign(new Error("input/output error"), { code: constants.errno.EIO });

/** Creates LMDB's error of a failed commit, whose cause is the rejection of a promise. */
function placeholder(commitError: unknown): Error {
  return Object.assign(new Error("Commit failed (see commitError for details)"), { commitError });
}

/** Free bytes of a disk that is not full. */
const PLENTY = async () => 2 ** 40;

const failure = (commit: Promise<unknown>, freeBytes = PLENTY) =>
  awaitCommit(commit, freeBytes).then(
    () => expect.fail("the commit succeeded"),
    (error: unknown) => error,
  );

describe("a commit", () => {
  it("returns the result of the transaction", async () => {
    expect(await awaitCommit(Promise.resolve("result"), PLENTY)).toBe("result");
  });

  it.each([
    ["on a full disk", FULL, StorageFullError],
    ["on a failing disk", FAILED, StorageUnavailableError],
  ])("that fails %s is reported with its cause", async (_, cause, kind) => {
    for (const errorOf of [() => cause, () => placeholder(Promise.reject(cause))]) {
      const thrown = await failure(Promise.reject(errorOf()));
      expect(thrown).toBeInstanceOf(kind);
      expect(thrown).toMatchObject({ cause });
    }
  });

  it.each([
    ["no byte is free", async () => 0, StorageFullError],
    ["less than a mebibyte is free", async () => 1024 * 1024 - 1, StorageFullError],
    ["there is free space", PLENTY, StorageUnavailableError],
    ["the free space is unknown", () => Promise.reject(new Error("statfs")), StorageUnavailableError],
  ])(
    "that fails with LMDB's short-write error is classified by the free space: %s",
    async (_, freeBytes, kind) => {
      for (const errorOf of [() => FAILED, () => placeholder(Promise.reject(FAILED))]) {
        const thrown = await failure(Promise.reject(errorOf()), freeBytes);
        expect(thrown).toBeInstanceOf(kind);
        expect(thrown).toMatchObject({ cause: FAILED });
      }
    },
  );

  it("that fails for another reason is not reported as a full disk, even if the disk is full", async () => {
    const denied = Object.assign(new Error("permission denied"), { code: constants.errno.EACCES });
    expect(await failure(Promise.reject(denied), async () => 0)).toBeInstanceOf(StorageUnavailableError);
  });

  it.each([
    ["not rejected", placeholder(Promise.resolve())],
    ["missing", new Error("the cause")],
    ["no error", "text"],
  ])(
    "that fails, with a promise of the cause that is %s, has its own error as the cause",
    async (_, error) => {
      const thrown = await failure(Promise.reject(error));
      expect(thrown).toBeInstanceOf(StorageUnavailableError);
      expect(thrown).toMatchObject({ cause: error });
    },
  );
});
