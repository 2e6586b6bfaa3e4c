/** An issuer from which anyone can obtain tokens, and the claims that identify the owner of a token. */
interface SharedIssuer {
  readonly url: string;
  readonly ownerClaims: readonly string[];
}

const SHARED_ISSUERS: readonly SharedIssuer[] = [
  {
    // https://docs.github.com/en/actions/reference/security/oidc
    url: "https://token.actions.githubusercontent.com",
    ownerClaims: [
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
    ownerClaims: ["sub", "project_path", "project_id", "namespace_path", "namespace_id"],
  },
];

/** Returns the claims that identify the owner of a token from a shared issuer; undefined for any other issuer. */
export function ownerClaimsOf(issuer: string): readonly string[] | undefined {
  return SHARED_ISSUERS.find(({ url }) => url === issuer)?.ownerClaims;
}
