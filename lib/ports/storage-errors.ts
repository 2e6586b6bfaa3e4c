/** The store is full. The data of the failed write is discarded. */
export class StorageFullError extends Error {
  constructor(cause: unknown) {
    super("no space left in storage", { cause });
    this.name = "StorageFullError";
  }
}

/** The store is throttling requests. The operation was not performed and can be retried. */
export class StorageBusyError extends Error {
  constructor(cause: unknown) {
    super("storage throttled the request", { cause });
    this.name = "StorageBusyError";
  }
}

/** The store is unreachable or has failed. A write may or may not have been performed: retry it. */
export class StorageUnavailableError extends Error {
  constructor(cause: unknown) {
    super("storage is unavailable", { cause });
    this.name = "StorageUnavailableError";
  }
}
