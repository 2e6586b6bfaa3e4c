import type { ServerResponse } from "node:http";
import {
  ACCOUNT,
  CREDENTIALS,
  type IdentitiesContext,
  passwordOf,
  REGISTRY,
  urlIn,
} from "../identities-context.ts";
import type { Attack } from "./attack.ts";

const changed = (change: (url: string) => string) => async (context: IdentitiesContext) =>
  passwordOf(change(urlIn(await context.awsPassword())));

/** A valid password, with another response of STS. */
const respondingWith =
  (respond: (response: ServerResponse) => void) => async (context: IdentitiesContext) => {
    context.sts.respond = respond;
    return await context.awsPassword();
  };

const result = (fields: object) =>
  respondingWith((response) =>
    response.end(
      JSON.stringify({
        GetCallerIdentityResponse: {
          GetCallerIdentityResult: { Account: ACCOUNT, UserId: "AIDA", ...fields },
        },
      }),
    ),
  );

const arn = (text: string, account = ACCOUNT) => result({ Arn: text, Account: account });

/** A valid signature of another principal. */
const by = (principal: string) => async (context: IdentitiesContext) => {
  const credentials = { accessKeyId: "AKIAOTHER12345678901", secretAccessKey: "other" };
  context.sts.principals.push({ credentials, arn: principal });
  return await context.awsPassword({ credentials });
};

const XML = (arns: string) =>
  `<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult>${arns}<UserId>A</UserId><Account>${ACCOUNT}</Account></GetCallerIdentityResult></GetCallerIdentityResponse>`;
const ELEMENT = `<Arn>arn:aws:iam::${ACCOUNT}:role/ci-deploy</Arn>`;

const REFUSED = /CredentialsRejectedError: STS rejected the AWS password \(403, SignatureDoesNotMatch\)/;
const UNKNOWN = /CredentialsRejectedError: STS rejected the AWS password \(403, InvalidClientTokenId\)/;
const NO_RULE = /CredentialsRejectedError: aws:.* matches no AWS rule/;
const NO_PRINCIPAL = /IdentitySourceUnavailableError: .* the response contains no valid principal/;

export const AWS_RESPONSES: readonly Attack[] = [
  // The signed content
  {
    attack: "for another registry",
    password: (context) => context.awsPassword({ audience: "other.example.com" }),
    why: REFUSED,
  },
  {
    attack: "for our host with a port",
    password: (context) => context.awsPassword({ audience: `${REGISTRY}:8443` }),
    why: REFUSED,
  },
  {
    attack: "for our host in upper case",
    password: (context) => context.awsPassword({ audience: REGISTRY.toUpperCase() }),
    why: REFUSED,
  },
  {
    attack: "by another secret",
    password: (context) =>
      context.awsPassword({ credentials: { ...CREDENTIALS, secretAccessKey: "guessed" } }),
    why: REFUSED,
  },
  {
    attack: "an invented signature",
    password: changed((url) => url.replace(/Signature=[^&]*/, `Signature=${"0".repeat(64)}`)),
    why: REFUSED,
  },
  {
    attack: "an expiry changed after signing",
    password: changed((url) => url.replace("X-Amz-Expires=900", "X-Amz-Expires=899")),
    why: REFUSED,
  },
  {
    attack: "a date changed after signing",
    password: changed((url) => url.replace("X-Amz-Date=20261121T120000Z", "X-Amz-Date=20261121T120001Z")),
    why: REFUSED,
  },
  {
    attack: "another session's token",
    password: (context) => context.awsPassword({ credentials: { ...CREDENTIALS, sessionToken: "other" } }),
    why: UNKNOWN,
  },
  {
    attack: "by an unknown key",
    password: (context) =>
      context.awsPassword({ credentials: { ...CREDENTIALS, accessKeyId: "AKIAUNKNOWN123456789" } }),
    why: UNKNOWN,
  },

  // The signer: the rule requires arn:aws:iam::123456789012:role/ci-*
  {
    attack: "a role of that name in another account",
    password: by("arn:aws:sts::999999999999:assumed-role/ci-deploy/x"),
    why: NO_RULE,
  },
  {
    attack: "another role",
    password: by(`arn:aws:sts::${ACCOUNT}:assumed-role/admin/ci-deploy`),
    why: NO_RULE,
  },
  {
    attack: "a role in upper case",
    password: by(`arn:aws:sts::${ACCOUNT}:assumed-role/CI-deploy/x`),
    why: NO_RULE,
  },
  {
    attack: "a user with the name of the role",
    password: by(`arn:aws:iam::${ACCOUNT}:user/ci-deploy`),
    why: NO_RULE,
  },
  {
    attack: "a user with a path like the role's ARN",
    password: by(`arn:aws:iam::${ACCOUNT}:user/role/ci-deploy`),
    why: NO_RULE,
  },
  { attack: "the root user", password: by(`arn:aws:iam::${ACCOUNT}:root`), why: NO_RULE },
  {
    attack: "a role of another partition",
    password: by(`arn:aws-cn:sts::${ACCOUNT}:assumed-role/ci-deploy/x`),
    why: NO_RULE,
  },

  // The response
  {
    attack: "an ARN with stars",
    password: arn(`arn:aws:sts::${ACCOUNT}:assumed-role/*/x`),
    why: NO_PRINCIPAL,
  },
  {
    attack: "an assumed role of IAM instead of STS",
    password: arn(`arn:aws:iam::${ACCOUNT}:assumed-role/ci-deploy/x`),
    why: NO_PRINCIPAL,
  },
  { attack: "an ARN of stars only", password: arn("**"), why: NO_PRINCIPAL },
  {
    attack: "an ARN of a session with a slash",
    password: arn(`arn:aws:sts::${ACCOUNT}:assumed-role/ci-deploy/x/y`),
    why: NO_PRINCIPAL,
  },
  {
    attack: "an ARN with a second one after a line break",
    password: arn(`arn:aws:iam::${ACCOUNT}:root\narn:aws:iam::${ACCOUNT}:role/ci-x`),
    why: NO_PRINCIPAL,
  },
  {
    attack: "an ARN of another service",
    password: arn(`arn:aws:s3::${ACCOUNT}:role/ci-deploy`),
    why: NO_PRINCIPAL,
  },
  {
    attack: "an ARN of an unknown partition",
    password: arn(`arn:evil:iam::${ACCOUNT}:user/x`),
    why: NO_PRINCIPAL,
  },
  {
    attack: "an ARN of a role, which cannot sign",
    password: arn(`arn:aws:iam::${ACCOUNT}:role/ci-deploy`),
    why: NO_PRINCIPAL,
  },
  {
    attack: "an ARN with a region",
    password: arn(`arn:aws:iam:eu-central-1:${ACCOUNT}:user/x`),
    why: NO_PRINCIPAL,
  },
  {
    attack: "an ARN of 2 KB",
    password: arn(`arn:aws:iam::${ACCOUNT}:user/${"x".repeat(2048)}`),
    why: NO_PRINCIPAL,
  },
  {
    attack: "an account that is not the ARN's",
    password: arn(`arn:aws:sts::${ACCOUNT}:assumed-role/ci-x/y`, "999999999999"),
    why: NO_PRINCIPAL,
  },
  {
    attack: "an account that is a number",
    password: result({ Arn: `arn:aws:sts::${ACCOUNT}:assumed-role/ci-x/y`, Account: Number(ACCOUNT) }),
    why: NO_PRINCIPAL,
  },
  {
    attack: "no account",
    password: result({ Arn: `arn:aws:sts::${ACCOUNT}:assumed-role/ci-x/y`, Account: undefined }),
    why: NO_PRINCIPAL,
  },
  {
    attack: "no user id",
    password: result({ Arn: `arn:aws:sts::${ACCOUNT}:assumed-role/ci-x/y`, UserId: undefined }),
    why: NO_PRINCIPAL,
  },
  {
    attack: "a list of ARNs",
    password: result({ Arn: [`arn:aws:sts::${ACCOUNT}:assumed-role/ci-x/y`] }),
    why: NO_PRINCIPAL,
  },
  { attack: "XML", password: respondingWith((response) => response.end(XML(ELEMENT))), why: NO_PRINCIPAL },
  {
    attack: "XML with several ARNs",
    password: respondingWith((response) => response.end(XML(ELEMENT + ELEMENT))),
    why: NO_PRINCIPAL,
  },
  {
    attack: "XML with entities",
    password: respondingWith((response) =>
      response.end(`<!DOCTYPE a [<!ENTITY e SYSTEM "file:///etc/passwd">]>${XML("<Arn>&e;</Arn>")}`),
    ),
    why: NO_PRINCIPAL,
  },
  {
    attack: "JSON of another action",
    password: respondingWith((response) => response.end(JSON.stringify({ AssumeRoleResponse: {} }))),
    why: NO_PRINCIPAL,
  },
  { attack: "null", password: respondingWith((response) => response.end("null")), why: NO_PRINCIPAL },
  { attack: "an empty response", password: respondingWith((response) => response.end()), why: NO_PRINCIPAL },
  {
    attack: "a redirect",
    password: respondingWith((response) =>
      response.writeHead(302, { location: "http://169.254.169.254/" }).end(),
    ),
    why: /IdentitySourceUnavailableError: .* which is not followed/,
  },
  {
    attack: "more than 64 KB",
    password: respondingWith((response) => response.end(" ".repeat(70_000))),
    why: /IdentitySourceUnavailableError: .* longer than 65536 bytes/,
  },
  {
    attack: "no response",
    password: (context) => {
      context.timeoutMs = 300;
      return respondingWith(() => {})(context);
    },
    why: /IdentitySourceUnavailableError: .* within 300 ms/,
  },
  {
    attack: "a server error",
    password: respondingWith((response) => response.writeHead(503).end()),
    why: /IdentitySourceUnavailableError: .* responded with status 503/,
  },
  {
    attack: "an error with line breaks for the log",
    password: respondingWith((response) =>
      response.writeHead(403).end(JSON.stringify({ Error: { Code: "a\nb\u202e" } })),
    ),
    why: /^CredentialsRejectedError: STS rejected the AWS password \(403, a\?b\?\)$/,
  },
];
