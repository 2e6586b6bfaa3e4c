/** An issuer or rule that must be rejected: it would accept tokens of any owner, or has an error that would go unnoticed. */
interface Configuration {
  readonly attack: string;
  readonly kind: "issuer" | "oidcRule" | "awsRule";
  readonly value: unknown;
  readonly why: RegExp;
}

const GITHUB = "https://token.actions.githubusercontent.com";
const GITLAB = "https://gitlab.com";

const issuer = (
  attack: string,
  url: unknown,
  why = /is not a valid issuer|must be a string/,
): Configuration => ({
  ...{ attack: `an issuer ${attack}`, kind: "issuer", value: { url, audiences: ["a"] }, why },
});

const oidc = (attack: string, rule: object, why: RegExp): Configuration => ({
  ...{ attack: `an OIDC rule ${attack}`, kind: "oidcRule", why },
  value: { name: "r", issuer: GITHUB, ...rule },
});

const aws = (attack: string, rule: object, why: RegExp): Configuration => ({
  ...{
    attack: `an AWS rule ${attack}`,
    kind: "awsRule",
    value: { name: "r", accounts: ["123456789012"], ...rule },
    why,
  },
});

const ANY_OWNER = /matches tokens of any owner/;
const EVERY_TOKEN = /matches every token/;

export const CONFIGURATIONS: readonly Configuration[] = [
  issuer("over plain HTTP", "http://ci.example"),
  issuer("with a user", "https://user@ci.example"),
  issuer("with a password", "https://user:secret@ci.example"),
  issuer("in upper case", "https://CI.example"),
  issuer("with a default port", "https://ci.example:443"),
  issuer("with a query", "https://ci.example/?x"),
  issuer("with an empty query", "https://ci.example/?"),
  issuer("with a fragment", "https://ci.example/#x"),
  issuer("with an empty fragment", "https://ci.example/#"),
  issuer("with dots in its path", "https://ci.example/a/../b"),
  issuer("with escapes in its path", "https://ci.example/%61"),
  issuer("with a backslash", "https://ci.example\\evil"),
  issuer("with a space", " https://ci.example"),
  issuer("with a line break", "https://ci.example\n"),
  issuer("of another scheme", "file:///etc/passwd"),
  issuer("that only begins with a loopback address", "http://127.0.0.1.evil.example"),
  issuer("that is a number", 1),
  { attack: "an issuer for any audience", kind: "issuer", value: { url: GITHUB }, why: /audiences/ },
  {
    attack: "an issuer for no audience",
    kind: "issuer",
    value: { url: GITHUB, audiences: [] },
    why: /audiences/,
  },
  {
    attack: "an issuer for an empty audience",
    kind: "issuer",
    value: { url: GITHUB, audiences: [""] },
    why: /audiences/,
  },
  {
    attack: "an issuer with keys over plain HTTP",
    kind: "issuer",
    value: { url: GITHUB, audiences: ["a"], jwksUrl: "http://ci.example/jwks" },
    why: /is not a valid jwksUrl/,
  },
  {
    attack: "an issuer with a field with a misspelt name",
    kind: "issuer",
    value: { url: GITHUB, audiences: ["a"], jwksUri: "https://ci.example/jwks" },
    why: /unknown field "jwksUri"/,
  },
  { attack: "an issuer that is a list", kind: "issuer", value: [], why: /must be an object/ },

  oidc("without claims", {}, EVERY_TOKEN),
  oidc("with empty claims", { claims: {} }, EVERY_TOKEN),
  oidc("with only stars", { claims: { repository: "**", ref: "*" } }, EVERY_TOKEN),
  oidc("for any organisation of GitHub", { claims: { repository: "*/app" } }, ANY_OWNER),
  oidc("for organisations whose names begin with ours", { claims: { repository: "acme*/app" } }, ANY_OWNER),
  oidc("for a branch of any repository", { claims: { ref: "refs/heads/main" } }, ANY_OWNER),
  oidc(
    "for a workflow that any repository can call",
    { claims: { job_workflow_ref: "acme/ci/**" } },
    ANY_OWNER,
  ),
  oidc("for any subject of GitHub", { claims: { sub: "repo:*/app:ref:refs/heads/main" } }, ANY_OWNER),
  oidc(
    "for any project of GitLab",
    { issuer: GITLAB, claims: { project_path: "*/*", ref: "main" } },
    ANY_OWNER,
  ),
  oidc("with any as a string", { any: "true" }, /must be true or false/),
  oidc("with claims as a list", { claims: ["acme"] }, /must be an object/),
  oidc("with a list as a pattern", { claims: { repository: ["acme/app"] } }, /has an invalid pattern/),
  oidc("with an empty pattern", { claims: { repository: "" } }, /has an invalid pattern/),
  oidc("with three stars", { claims: { repository: "acme/***" } }, /has an invalid pattern/),
  oidc("with a line break", { claims: { repository: "acme/app\n" } }, /has an invalid pattern/),
  oidc(
    "with a claim of the prototype",
    { claims: JSON.parse('{"__proto__":"x"}') },
    /has an invalid pattern/,
  ),
  oidc(
    "with the name of another grantee",
    { name: "x:user:alice", claims: { repository: "acme/app" } },
    /invalid name/,
  ),
  oidc("with a path as its name", { name: "../x", claims: { repository: "acme/app" } }, /invalid name/),
  oidc("with a field with a misspelt name", { claim: { repository: "acme/app" } }, /unknown field "claim"/),

  aws("for any account", { accounts: ["*"] }, /not an AWS account/),
  aws("for no account", { accounts: [] }, /accounts/),
  aws("without accounts", { accounts: undefined }, /accounts/),
  aws("for an account that is a number", { accounts: [123456789012] }, /accounts/),
  aws("for an account in other digits", { accounts: ["１２３４５６７８９０１２"] }, /not an AWS account/),
  aws(
    "for a role of another account",
    { arn: "arn:aws:iam::999999999999:role/x" },
    /is not among the accounts/,
  ),
  aws("for a role with its path", { arn: "arn:aws:iam::123456789012:role/path/x" }, /without its path/),
  aws(
    "for an assumed role",
    { arn: "arn:aws:sts::123456789012:assumed-role/x/*" },
    /put the session name in the field "session"/,
  ),
  aws("for a role without an ARN", { arn: "role/x" }, /write a role as arn/),
  aws("for an empty ARN", { arn: "" }, /has an invalid pattern/),
  aws("for a list of sessions", { session: ["x"] }, /has an invalid pattern/),
];
