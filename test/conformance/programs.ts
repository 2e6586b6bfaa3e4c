const MODULE = "github.com/opencontainers/distribution-spec/conformance";

/**
 * Conformance programs, each pinned to one commit of the specification's repository. The module has no tags, so the module
 * proxy serves only exact pseudo-versions. `variable` is the environment variable for the path of an executable that is
 * used instead of an installed one.
 */
export const PROGRAMS = {
  /** Program on the specification's main branch, at commit 97274622c111 of 2026-08-31. */
  newer: {
    module: MODULE,
    version: "v0.0.0-20260831232431-97274622c111",
    form: "command",
    variable: "DOCKLESS_CONFORMANCE",
  },
  /** Its predecessor, a package of Ginkgo tests, at commit f2182352d4cc of 2023-11-01. */
  older: {
    module: MODULE,
    version: "v0.0.0-20231101194043-f2182352d4cc",
    form: "tests",
    variable: "DOCKLESS_CONFORMANCE_OLDER",
  },
} as const;

/** Name of a conformance program. */
export type ProgramName = keyof typeof PROGRAMS;

/** The registry under test. */
export interface Target {
  readonly url: string;
  readonly username?: string;
  readonly password?: string;
  /** Whether it redirects pulls of blobs. */
  readonly redirects?: boolean;
}

/** One run of a program against the registry. */
export interface Run {
  readonly name: string;
  readonly program: ProgramName;
  environment(target: Target, repositories: Repositories, reports: string): Record<string, string>;
}

/** Repositories of a run. Content is mounted from one into the other. */
interface Repositories {
  readonly first: string;
  readonly second: string;
}

/** All runs. */
export const RUNS: readonly Run[] = [
  { name: "newer", program: "newer", environment: newerEnvironment },
  {
    name: "older",
    program: "older",
    environment: (...run) => ({ ...olderEnvironment(...run), OCI_DELETE_MANIFEST_BEFORE_BLOBS: "1" }),
  },
  {
    name: "older-blobs-first",
    program: "older",
    environment: (...run) => ({ ...olderEnvironment(...run), OCI_DELETE_MANIFEST_BEFORE_BLOBS: "0" }),
  },
];

const APIS = [
  ...["PING", "PULL", "PUSH", "REFERRER"],
  ...["BLOBS_ATOMIC", "BLOBS_DELETE", "BLOBS_DIGEST_HEADER", "BLOBS_MOUNT_ANONYMOUS", "BLOBS_UPLOAD_CANCEL"],
  ...["MANIFESTS_ATOMIC", "MANIFESTS_DELETE", "MANIFESTS_DIGEST_HEADER", "MANIFESTS_TAG_PARAM"],
  ...["TAGS_ATOMIC", "TAGS_DELETE", "TAGS_LIST"],
];

const DATA_SETS = [
  ...["IMAGE", "INDEX", "INDEX_LIST", "SPARSE", "ARTIFACT", "ARTIFACT_LIST", "NO_LAYERS", "EMPTY_BLOB"],
  ...[
    "SUBJECT",
    "SUBJECT_MISSING",
    "SUBJECT_LIST",
    "DATA_FIELD",
    "NONDISTRIBUTABLE",
    "CUSTOM_FIELDS",
    "SHA512",
  ],
];

/** Returns whether an API is tested. The reason of the only exception is in `SWITCHED_OFF`. */
function isOn(api: string, { redirects = false }: Target): boolean {
  return !(redirects && api === "BLOBS_DIGEST_HEADER");
}

function newerEnvironment(target: Target, { first, second }: Repositories, reports: string) {
  const { protocol, host } = new URL(target.url);
  return {
    OCI_VERSION: "dev",
    OCI_REGISTRY: host,
    OCI_TLS: protocol === "https:" ? "enabled" : "disabled",
    OCI_REPO1: first,
    OCI_REPO2: second,
    OCI_RESULTS_DIR: reports,
    ...credentials(target),
    ...Object.fromEntries(APIS.map((api) => [`OCI_API_${api}`, String(isOn(api, target))])),
    ...Object.fromEntries(DATA_SETS.map((dataSet) => [`OCI_DATA_${dataSet}`, "true"])),
  };
}

function olderEnvironment(target: Target, { first, second }: Repositories, reports: string) {
  return {
    OCI_ROOT_URL: target.url,
    OCI_NAMESPACE: first,
    OCI_CROSSMOUNT_NAMESPACE: second,
    OCI_AUTOMATIC_CROSSMOUNT: "1",
    OCI_TEST_PULL: "1",
    OCI_TEST_PUSH: "1",
    OCI_TEST_CONTENT_DISCOVERY: "1",
    OCI_TEST_CONTENT_MANAGEMENT: "1",
    OCI_DEBUG: "1",
    OCI_REPORT_DIR: reports,
    ...credentials(target),
  };
}

function credentials({ username, password }: Target): Record<string, string> {
  return {
    ...(username === undefined ? {} : { OCI_USERNAME: username }),
    ...(password === undefined ? {} : { OCI_PASSWORD: password }),
  };
}
