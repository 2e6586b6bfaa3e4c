/** The store has no room for more. What was being written is not kept. */
export class StorageFullError extends Error {
  constructor(cause: unknown) {
    super("no space left in storage", { cause });
    this.name = "StorageFullError";
  }
}

/** The store turns requests away because there are too many. What was being done is not, unless tried again. */
export class StorageBusyError extends Error {
  constructor(cause: unknown) {
    super("storage is throttling", { cause });
    this.name = "StorageBusyError";
  }
}

/** The store cannot be reached, or fails. A write may or may not have happened: it is to be tried again. */
export class StorageUnavailableError extends Error {
  constructor(cause: unknown) {
    super("storage is unavailable", { cause });
    this.name = "StorageUnavailableError";
  }
}
