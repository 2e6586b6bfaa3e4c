import { S3ServiceException } from "@aws-sdk/client-s3";
import { describe, expect, it } from "vitest";
import { StorageBusyError, StorageUnavailableError } from "../../../lib/ports/storage-errors.ts";
import { isMissing, isPartMissing, toStorageError } from "../../../lib/storage/s3/errors.ts";
import { skipBodySigning } from "../../../lib/storage/s3/unsigned-payload.ts";

const refused = (name: string, httpStatusCode = 400) =>
  new S3ServiceException({ name, $fault: "client", $metadata: { httpStatusCode } });
const other = (name: string) => Object.assign(new Error("failed"), { name });

describe("an error of S3", () => {
  it.each([
    [refused("SlowDown"), StorageBusyError],
    [refused("TooManyRequests"), StorageBusyError],
    [other("RequestLimitExceeded"), StorageBusyError],
    [refused("InternalError"), StorageUnavailableError],
    [refused("Unknown", 503), StorageUnavailableError],
    [refused("ExpiredToken"), StorageUnavailableError],
  ])("that is temporary is converted to an outage (%#)", (error, kind) => {
    const converted = toStorageError(error);
    expect(converted).toBeInstanceOf(kind);
    expect(converted).toMatchObject({ cause: error });
  });

  it.each([refused("AccessDenied"), other("AccessDenied"), "SlowDown", undefined])(
    "that is permanent is returned unchanged (%#)",
    (error) => {
      expect(toStorageError(error)).toBe(error);
    },
  );

  it.each([
    [refused("NoSuchKey"), true, false],
    [refused("NotFound"), true, false],
    [refused("NoSuchUpload"), true, false],
    [refused("InvalidPart"), false, true],
    [refused("AccessDenied"), false, false],
    [other("NoSuchKey"), false, false],
    [other("InvalidPart"), false, false],
    [undefined, false, false],
  ])("reports a missing object or part only by its name (%#)", (error, isObject, isPart) => {
    expect([isMissing(error), isPartMissing(error)]).toEqual([isObject, isPart]);
  });
});

it.each([undefined, null, "text", {}])("a request without headers is rejected: %j", (request) => {
  const send = skipBodySigning(async () => expect.fail("the request was sent"));
  expect(() => send({ request })).toThrow("the SDK did not build an HTTP request");
});
