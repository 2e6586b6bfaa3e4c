/** Issuers whose tokens anybody can have, and the claims of them that say whose the token is. */
interface SharedIssuer {
  readonly url: string;
  readonly owners: readonly string[];
}

const SHARED_ISSUERS: readonly SharedIssuer[] = [
  {
    // https://docs.github.com/en/actions/reference/security/oidc
    url: "https://token.actions.githubusercontent.com",
    owners: [
      "sub",
      "repository",
      "repository_id",
      "repository_owner",
      "repository_owner_id",
      "enterprise",
      "enterprise_id",
    ],
  },
  {
    // https://docs.gitlab.com/ci/secrets/id_token_authentication/
    url: "https://gitlab.com",
    owners: ["sub", "project_path", "project_id", "namespace_path", "namespace_id"],
  },
];

/** Undefined when the issuer is an organisation's own. */
export function ownerClaimsOf(issuer: string): readonly string[] | undefined {
  return SHARED_ISSUERS.find(({ url }) => url === issuer)?.owners;
}
