import { excerpt } from "./digest.ts";
import { OciError } from "./errors.ts";

/** A repository name, `<name>` in the spec: path components in lower case, joined by slashes. */
export type RepositoryName = string & { readonly repositoryName: unique symbol };

/** Maximum length of a name: clients limit host and name together to 255 characters, so a longer name could not be pulled. */
const MAX_NAME_LENGTH = 255;

const ALPHANUMERIC = "[a-z0-9]+";
const SEPARATOR = "(?:\\.|_|__|-+)";
const COMPONENT = `${ALPHANUMERIC}(?:${SEPARATOR}${ALPHANUMERIC})*`;

/** @see https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#pulling-manifests */
const REPOSITORY_NAME = new RegExp(`^${COMPONENT}(?:/${COMPONENT})*$`);

/** Parses a repository name. @throws OciError `NAME_INVALID` */
export function parseRepositoryName(text: string): RepositoryName {
  // MUST: "Throughout this document, `<name>` MUST match the following regular expression:"
  // https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#pulling-manifests
  if (!isRepositoryName(text)) {
    throw new OciError("NAME_INVALID", {
      message:
        "invalid repository name: use lower-case letters and digits, separated by . _ __ - or /, at most 255 characters",
      detail: { name: excerpt(text) },
    });
  }
  return text;
}

/** Returns whether a text is a valid repository name. */
export function isRepositoryName(text: string): text is RepositoryName {
  return text.length <= MAX_NAME_LENGTH && REPOSITORY_NAME.test(text);
}
