import { randomUUID } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { parseAccessFile } from "../lib/auth/access-file/access-file.ts";
import { createAccessCommand } from "../lib/cli/commands/access.ts";
import { createAccountsCommand } from "../lib/cli/commands/accounts.ts";
import { createCredentialsCommand } from "../lib/cli/commands/credentials.ts";
import { createServeCommand } from "../lib/cli/commands/serve.ts";
import { createApp } from "../lib/http/app.ts";
import { withHealth } from "../lib/http/middleware/health.ts";
import { parseDigest } from "../lib/oci/digest.ts";
import { ERROR_CODES } from "../lib/oci/errors.ts";
import { parseTag } from "../lib/oci/reference.ts";
import { parseRepositoryName } from "../lib/oci/repository-name.ts";
import { ACCESS_SORT, PARTITIONS, TOKEN_KEY_SORT } from "../lib/ports/record-keys.ts";
import type { Key } from "../lib/ports/record-store.ts";
import { MAX_MANIFEST_BYTES } from "../lib/registry/manifests/content.ts";
import { MAX_TAGS_PER_PUSH } from "../lib/registry/manifests/push.ts";
import * as records from "../lib/registry/records.ts";
import { MemoryBlobs } from "../lib/storage/memory/blobs.ts";
import { MemoryRecords } from "../lib/storage/memory/records.ts";
import packageJson from "../package.json" with { type: "json" };

const ROOT = join(import.meta.dirname, "..");
const PAGES = [
  "README.md",
  "CHANGELOG.md",
  "CONTRIBUTING.md",
  "SECURITY.md",
  ...(await listFiles("docs", ".md")),
];
const SOURCES = (
  await Promise.all(
    ["bin", "functions", "lib", "local-cloud", "test", "bench"].map((folder) => listFiles(folder, ".ts")),
  )
).flat();

/** Lists the files below a folder with an extension. */
async function listFiles(folder: string, extension: string): Promise<readonly string[]> {
  if (!existsSync(join(ROOT, folder))) return [];
  const names = await readdir(join(ROOT, folder), { recursive: true });
  return names.filter((name) => name.endsWith(extension)).map((name) => join(folder, name));
}

function textOf(path: string): string {
  return readFileSync(join(ROOT, path), "utf8");
}

/** Returns the fragments of a page's headings on GitHub. */
function anchorsOf(path: string): readonly string[] {
  return [...textOf(path).matchAll(/^#+ (.+)$/gm)].map(([, heading = ""]) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\w\- ]/g, "")
      .replaceAll(" ", "-"),
  );
}

/** Returns the cells of all tables below a heading, without their header rows. */
function rowsBelow(path: string, heading: string): readonly (readonly string[])[] {
  const [, rest = ""] = textOf(path).split(`\n## ${heading}\n`);
  const [section = ""] = rest.split("\n## ");
  const rows = section.split("\n").filter((line) => line.startsWith("|"));
  return rows
    .filter((row, index) => !row.startsWith("|---") && !rows[index + 1]?.startsWith("|---"))
    .map((row) =>
      row
        .split("|")
        .slice(1, -1)
        .map((cell) => cell.trim().replace(/^`(.*)`$/, "$1")),
    );
}

describe.each(PAGES)("%s", (page) => {
  it("has no broken links", () => {
    const links = [...textOf(page).matchAll(/\]\(([^)]+)\)/g)].map(([, target = ""]) => target);
    const dead = links
      .filter((target) => !target.startsWith("https://"))
      .filter((target) => {
        const [file = "", anchor] = target.split("#");
        const path = file === "" ? page : join(dirname(page), file);
        return !existsSync(join(ROOT, path)) || (anchor !== undefined && !anchorsOf(path).includes(anchor));
      });
    expect(dead).toEqual([]);
  });

  it("names npm scripts that exist", () => {
    const named = [...textOf(page).matchAll(/npm (?:run (?:-s )?)?([a-z:]+)/g)].map(([, name = ""]) => name);
    const scripts = ["ci", "install", ...Object.keys(packageJson.scripts)];
    expect(named.filter((name) => !scripts.includes(name))).toEqual([]);
  });
});

describe("an example in the documentation", () => {
  const examples = PAGES.flatMap((page) =>
    [...textOf(page).matchAll(/^```json\n(.*?)^```$/gms)].map(([, text = ""]): [string, string] => [
      page,
      text,
    ]),
  );

  it.each(examples)("is valid JSON, and a valid access file if it has grants, in %s: %s", (_, text) => {
    const value: unknown = JSON.parse(text);
    if (Object.hasOwn(Object(value), "grants")) expect(parseAccessFile(value)).toBeDefined();
  });

  it("appears in docs/access.md five times", () => {
    const files = examples.filter(([page, text]) => page === "docs/access.md" && text.includes('"grants"'));
    expect(files).toHaveLength(5);
  });

  const groups = [
    createAccountsCommand("user"),
    createAccountsCommand("robot"),
    createAccessCommand(),
    createCredentialsCommand(),
  ];
  const commands = PAGES.flatMap((page) =>
    [...textOf(page).matchAll(/\bdockless (?:-- )?((?:user|robot|access|credentials) [^`|)\n]+)/g)].map(
      ([, words = ""]): [string, string] => [words.trim(), page],
    ),
  );

  it.each(commands)("names an existing command with its options: %s in %s", (words) => {
    const [first, second] = words.split(" ");
    const group = groups.find((command) => command.name() === first);
    const command = first === "credentials" ? group : group?.commands.find((item) => item.name() === second);
    const options = command?.options.map(({ long }) => long) ?? expect.fail("command unknown");
    for (const [option] of words.matchAll(/--[a-z-]+/g)) expect(options).toContain(option);
  });

  it("appears for more than 30 commands", () => {
    expect(commands.length).toBeGreaterThan(30);
  });
});

describe("comments in code", () => {
  it("cite existing sections of documents", () => {
    const cited = SOURCES.flatMap((path) =>
      [...textOf(path).matchAll(/\b(docs\/[\w-]+\.md)#([\w-]+)/g)].map(([, page = "", anchor = ""]) => ({
        path,
        page,
        anchor,
      })),
    );
    expect(cited).toContainEqual({
      path: "lib/registry/manifests/dependencies.ts",
      page: "docs/architecture.md",
      anchor: "removal",
    });
    const dead = cited.filter(
      ({ page, anchor }) => existsSync(join(ROOT, page)) && !anchorsOf(page).includes(anchor),
    );
    expect(dead).toEqual([]);
  });
});

describe("the documents agree with the code", () => {
  it("on the options of serve", () => {
    const options = createServeCommand().options.map(({ long, envVar, negate, defaultValue }) => [
      long,
      envVar ?? "",
      negate || defaultValue === undefined ? "" : String(defaultValue),
    ]);
    const documented = rowsBelow("docs/configuration.md", "Settings").map((cells) => cells.slice(0, 3));
    expect(documented).toEqual(options);
  });

  it("on error codes and their statuses", () => {
    const codes = Object.entries(ERROR_CODES).map(([code, { status }]) => [code, String(status)]);
    const documented = rowsBelow("docs/request-handling.md", "Errors").map((cells) => cells.slice(0, 2));
    expect(documented).toEqual(codes);
  });

  it("on limits", () => {
    const limits = new Map(
      rowsBelow("docs/request-handling.md", "Limits").map(([what = "", limit = ""]) => [what, limit]),
    );
    expect(limits.get("manifest")).toContain(`${MAX_MANIFEST_BYTES.toLocaleString("en")} bytes`);
    expect(limits.get("tags in one push")).toBe(String(MAX_TAGS_PER_PUSH));
  });

  it("on the keys of records", () => {
    const name = parseRepositoryName("name");
    const [target, digest] = [
      parseDigest(`sha256:${"1".repeat(64)}`),
      parseDigest(`sha256:${"2".repeat(64)}`),
    ];
    const keys: Readonly<Record<string, Key<unknown>>> = {
      repository: records.repositoryKey(name),
      tag: records.tagKey(name, parseTag("tag")),
      "tag summary": records.tagSummaryKey(name, parseTag("tag")),
      "tag of a manifest": records.manifestTagKey(name, digest, parseTag("tag")),
      manifest: records.manifestKey(name, digest),
      "blob link": records.blobLinkKey(name, digest),
      dependency: records.dependencyKey(name, target, digest),
      push: records.pushKey(name, digest),
      referrer: records.referrerKey(name, target, digest),
      "upload session": records.uploadKey(name, "session"),
      holder: records.holderKey(digest, name),
    };
    const expand = (template: string) =>
      template
        .replace("<target>", target)
        .replace("<digest>", digest)
        .replaceAll(/<(name|tag|session)>/g, "$1");
    const documented = rowsBelow("docs/data-model.md", "Records").map(
      ([record, partition = "", sort = ""]) => [record, { partition: expand(partition), sort: expand(sort) }],
    );
    expect(documented).toEqual(Object.entries(keys));
  });

  it("on the keys of accounts, grants and tokens", () => {
    const documented = rowsBelow("docs/data-model.md", "Accounts and grants").flatMap(
      ([partition = "", sorts = ""]) =>
        [...sorts.matchAll(/([\w-]+#)[^,`]*/g)].map(([, sort = ""]) => `${partition} ${sort}`),
    );
    const { access, keys, secrets } = PARTITIONS;
    const expected = [
      ...Object.values(ACCESS_SORT).map((sort) => `${access} ${sort}`),
      ...[keys, secrets].map((partition) => `${partition} ${TOKEN_KEY_SORT}`),
    ];
    expect([...new Set(documented)].sort()).toEqual(expected.sort());
  });

  describe("on permissions:", () => {
    const rows = rowsBelow("docs/storage.md", "Credentials and rights");
    const ofServe = rows.filter((cells) => cells.length === 3);
    const ofInit = rows.filter((cells) => cells.length === 2);
    const callsOf = (table: typeof rows) =>
      [...new Set(table.flatMap(([names = ""]) => names.split(", ")))].sort();
    const isSetup = (path: string) => /\/(setup|table)\.ts$/.test(path);
    /** Calls of AWS operations by the SDK, and by the DynamoDB client of the record store. */
    const AWS_CALL = /new (\w+)Command\(|\.call\("(\w+)"/g;
    const isStore = (path: string) => /^lib\/storage\/(s3|dynamodb)\//.test(path);
    const commandsIn = (paths: readonly string[]) => {
      const found = paths.flatMap((path) => [...textOf(path).matchAll(AWS_CALL)]);
      return [...new Set(found.map(([, command, operation]) => command ?? operation ?? ""))].sort();
    };

    it("exactly the calls that serve makes", () => {
      expect(callsOf(ofServe)).toEqual(commandsIn(SOURCES.filter((path) => isStore(path) && !isSetup(path))));
    });

    it("exactly the calls that init makes", () => {
      expect(callsOf(ofInit)).toEqual(commandsIn(SOURCES.filter((path) => isStore(path) && isSetup(path))));
    });

    it("a policy with exactly the actions of the table", () => {
      const [, policy = "{}"] = textOf("docs/storage.md").match(/```json\n([^`]+)```/) ?? [];
      const statements: { readonly Action: string | readonly string[] }[] = JSON.parse(policy).Statement;
      const named = new Set(ofServe.map(([, action]) => action));
      expect(statements.flatMap(({ Action }) => Action).sort()).toEqual([...named].sort());
    });
  });

  const requests = rowsBelow("docs/request-handling.md", "End-points and their cost")
    .map(([, request = ""]) => request)
    .filter((request) => /^[A-Z]+ \//.test(request));

  it.each(requests)("on the existence of %s", async (request) => {
    const blobs = new MemoryBlobs();
    const stores = { records: new MemoryRecords(), blobs, uploads: blobs };
    const registry = { ...stores, now: () => new Date(), newId: randomUUID };
    const app = withHealth(createApp(registry, { onDefect: (error) => expect.fail(String(error)) }));
    const [method = "", target = ""] = request
      .replaceAll("<digest>", `sha256:${"0".repeat(64)}`)
      .replaceAll("<tag or digest>", "latest")
      .replaceAll(/<(name|tag|session)>/g, "some")
      .split(" ");
    const [path = "", query = ""] = target.split("?");
    const { status, body } = await app({ method, path, query, headers: {}, body: undefined });
    expect(status).not.toBe(405);
    expect(String(body ?? "")).not.toContain("UNSUPPORTED");
  });

  it("on more than 15 requests", () => {
    expect(requests.length).toBeGreaterThan(15);
  });
});
