import { describe, expect, it } from "vitest";
import { ORIGIN_IDS } from "../../lib/cloud/edge/origin-ids.ts";
import { BUCKET_LIFECYCLE_RULES } from "../../lib/ports/bucket-lifecycle.ts";
import { BLOBS_PREFIX, UPLOADS_PREFIX } from "../../lib/ports/object-names.ts";
import * as keys from "../../lib/ports/record-keys.ts";
import { readSources } from "../support/imports.ts";

const COMMENT = /\/\*.*?\*\/|^\s*\/\/.*?$/gms;

const folders = await Promise.all(["bin", "functions", "lib", "local-cloud", "bench"].map(readSources));
const files = folders.flat().map(({ path, text }) => ({ path, text: text.replaceAll(COMMENT, "") }));

const QUOTE = "[\"'`]";

/** Matches a literal that begins with one of the texts. */
function beginning(...texts: readonly string[]): RegExp {
  return new RegExp(`${QUOTE}(?:${texts.join("|")})`);
}

/** Matches a literal that is one of the texts, or continues it with a wildcard or a value. */
function prefix(...texts: readonly string[]): RegExp {
  return new RegExp(`${QUOTE}(?:${texts.join("|")})(?:${QUOTE}|[*$])`);
}

const KEYS_FILE = "lib/ports/record-keys.ts";
const SORT_KEYS = [keys.REPOSITORY_SORT, keys.ACCESS_SORT].flatMap((sorts) => Object.values(sorts));

/** Matches an environment variable of this project as a literal or a property, except those of the tests' own servers. */
const VARIABLE = /(?:["'`]|[{,.]\s*)DOCKLESS_(?!TEST_)\w+(?:["'`]|:)/;

/** Matches the id of an origin. The labels of metrics are words of their own. */
const ORIGIN_ID = new RegExp(
  `(?<!label: |Metrics\\()${QUOTE}(?:${Object.values(ORIGIN_IDS).join("|")})${QUOTE}`,
);

describe("names that are stored or sent are defined in one file:", () => {
  it.each<[string, string, RegExp]>([
    ["headers", "lib/ports/headers.ts", beginning("x-dockless-")],
    ["prefixes of objects", "lib/ports/object-names.ts", prefix(BLOBS_PREFIX, UPLOADS_PREFIX)],
    ["sort keys", KEYS_FILE, beginning(...SORT_KEYS, keys.HOLDER_SORT, keys.TOKEN_KEY_SORT)],
    [
      "attributes of the table",
      KEYS_FILE,
      prefix(keys.PARTITION_ATTRIBUTE, keys.SORT_ATTRIBUTE, keys.EXPIRY_ATTRIBUTE),
    ],
    [
      "lifecycle rules",
      "lib/ports/bucket-lifecycle.ts",
      beginning(...BUCKET_LIFECYCLE_RULES.map(({ id }) => id)),
    ],
    ["environment variables", "lib/ports/environment.ts", VARIABLE],
    ["ids of origins", "lib/cloud/edge/origin-ids.ts", ORIGIN_ID],
  ])("%s in %s", (_, definitions, pattern) => {
    expect(files.filter(({ text }) => pattern.test(text)).map(({ path }) => path)).toEqual([definitions]);
  });

  it("no key is created with a literal partition", () => {
    const literal = new RegExp(`\\bpartition: ${QUOTE}`);
    expect(files.filter(({ text }) => literal.test(text)).map(({ path }) => path)).toEqual([]);
  });
});
