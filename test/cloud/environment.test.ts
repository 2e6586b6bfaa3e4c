import { App, Duration, Stack } from "aws-cdk-lib";
import { expect, it } from "vitest";
import { environment } from "../../lib/cloud/compute/environment.ts";
import { Storage } from "../../lib/cloud/storage.ts";

const storage = new Storage(new Stack(new App(), "Images"), "Storage", { destroyData: false });

it.each([
  [Duration.seconds(1), "1"],
  [Duration.hours(1), "3600"],
])("lets URLs be good for %s", (urlLifetime, seconds) => {
  expect(environment({ storage, urlLifetime })["DOCKLESS_URL_LIFETIME"]).toBe(seconds);
});

it.each([
  [Duration.seconds(0), "0 seconds"],
  [Duration.seconds(3601), "1 hour 1 second"],
  [Duration.days(8), "8 days"],
])("does not let URLs be good for %s, and says so", (urlLifetime, text) => {
  expect(() => environment({ storage, urlLifetime })).toThrow(`from a second to an hour, not ${text}`);
});
