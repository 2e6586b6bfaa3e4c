import { AWS_PASSWORD_PREFIX } from "../../../lib/auth/aws/password.ts";
import { type IdentitiesContext, passwordOf, urlIn } from "../identities-context.ts";
import type { Attack } from "./attack.ts";

/** A valid URL with a change. The change is rejected before the signature is verified. */
const changed = (change: (url: string) => string) => async (context: IdentitiesContext) => {
  const url = urlIn(await context.awsPassword());
  const other = change(url);
  if (other === url) throw new Error("nothing was changed");
  return passwordOf(other);
};

const at = (host: string) => changed((url) => url.replace("sts.eu-central-1.amazonaws.com", host));
const more = (query: string) => changed((url) => `${url}&${query}`);
const instead = (name: string, value: string) =>
  changed((url) => url.replace(new RegExp(`${name}=[^&]*`), `${name}=${value}`));

const NO_URL = /CredentialsRejectedError: the AWS password does not contain a URL of the expected form/;
const NOT_STS = /CredentialsRejectedError: the AWS password is for .* which is not an STS host/;
const OTHER_NAME = /CredentialsRejectedError: the AWS password has an unknown parameter/;
const wrong = (name: string) =>
  new RegExp(`CredentialsRejectedError: the AWS password has a duplicate or invalid parameter: ${name}$`);
const lacks = (name: string) =>
  new RegExp(`CredentialsRejectedError: the AWS password lacks the parameter ${name}`);
const OTHER_SCOPE = /credential scope does not match/;

/** Passwords that are rejected before a request is sent to STS. */
export const AWS_ATTACKS: readonly Attack[] = [
  // The host
  { attack: "another host", password: at("evil.example"), why: NOT_STS },
  { attack: "a host that begins like STS", password: at("sts.amazonaws.com.evil.com"), why: NOT_STS },
  {
    attack: "a host that begins like STS in China",
    password: at("sts.eu-central-1.amazonaws.com.cn"),
    why: NOT_STS,
  },
  { attack: "a host that ends like STS", password: at("evil-sts.amazonaws.com"), why: NOT_STS },
  { attack: "an invalid region", password: at("sts.evil.amazonaws.com"), why: NOT_STS },
  {
    attack: "a region that does not exist, of valid words",
    password: at("sts.us-evil-1.amazonaws.com"),
    why: NOT_STS,
  },
  { attack: "a bucket named sts", password: at("sts.s3.amazonaws.com"), why: NOT_STS },
  {
    attack: "a bucket named sts in a region",
    password: at("sts.s3-eu-central-1.amazonaws.com"),
    why: NOT_STS,
  },
  { attack: "a bucket in a region's name", password: at("sts.s3.eu-central-1.amazonaws.com"), why: NOT_STS },
  { attack: "another service", password: at("s3.eu-central-1.amazonaws.com"), why: NOT_STS },
  { attack: "a load balancer named sts", password: at("sts.eu-central-1.elb.amazonaws.com"), why: NOT_STS },
  {
    attack: "a FIPS host in a region without FIPS",
    password: at("sts-fips.eu-central-1.amazonaws.com"),
    why: NOT_STS,
  },
  { attack: "a letter instead of a dot", password: at("sts.eu-central-1xamazonaws.com"), why: NOT_STS },
  {
    attack: "a letter instead of the last dot",
    password: at("sts.eu-central-1.amazonawsxcom"),
    why: NOT_STS,
  },
  {
    attack: "a letter instead of the first dot",
    password: at("stsxeu-central-1.amazonaws.com"),
    why: NOT_STS,
  },
  { attack: "the address of the metadata service", password: at("169.254.169.254"), why: NOT_STS },
  { attack: "an address as one number", password: at("2852039166"), why: NOT_STS },
  { attack: "an IPv6 address", password: at("[::1]"), why: NO_URL },
  { attack: "localhost", password: at("localhost"), why: NOT_STS },
  { attack: "a dot at the end of the host", password: at("sts.eu-central-1.amazonaws.com."), why: NOT_STS },
  { attack: "two dots in the host", password: at("sts..eu-central-1.amazonaws.com"), why: NOT_STS },
  { attack: "upper case in the host", password: at("STS.eu-central-1.amazonaws.com"), why: NO_URL },
  { attack: "a user before the host", password: at("sts.eu-central-1.amazonaws.com@evil.com"), why: NO_URL },
  { attack: "a user of STS", password: at("user@sts.eu-central-1.amazonaws.com"), why: NO_URL },
  { attack: "the usual port", password: at("sts.eu-central-1.amazonaws.com:443"), why: NO_URL },
  { attack: "another port", password: at("sts.eu-central-1.amazonaws.com:8080"), why: NO_URL },
  { attack: "an escape in the host", password: at("sts%2eeu-central-1.amazonaws.com"), why: NO_URL },
  { attack: "an escaped slash in the host", password: at("evil.com%2f.amazonaws.com"), why: NO_URL },
  { attack: "a backslash in the host", password: at("evil.com\\.amazonaws.com"), why: NO_URL },
  { attack: "a tab in the host", password: at("evil.com\t.amazonaws.com"), why: NO_URL },
  {
    attack: "a Cyrillic letter that resembles a Latin one",
    password: at("stѕ.eu-central-1.amazonaws.com"),
    why: NO_URL,
  },
  { attack: "plain HTTP", password: changed((url) => url.replace("https:", "http:")), why: NO_URL },
  { attack: "HTTPS in upper case", password: changed((url) => url.replace("https:", "HTTPS:")), why: NO_URL },
  { attack: "no scheme", password: changed((url) => url.replace("https:", "")), why: NO_URL },
  { attack: "three slashes", password: changed((url) => url.replace("https://", "https:///")), why: NO_URL },
  { attack: "a file", password: async () => passwordOf("file:///etc/passwd"), why: NO_URL },
  { attack: "a path", password: changed((url) => url.replace("/?", "/bucket?")), why: NO_URL },
  { attack: "two slashes as the path", password: changed((url) => url.replace("/?", "//?")), why: NO_URL },
  { attack: "dots as the path", password: changed((url) => url.replace("/?", "/..?")), why: NO_URL },
  { attack: "no path", password: changed((url) => url.replace("/?", "?")), why: NO_URL },
  { attack: "a fragment", password: changed((url) => `${url}#x`), why: NO_URL },
  {
    attack: "a line and a header after the URL",
    password: changed((url) => `${url}\r\nx-a: b`),
    why: NO_URL,
  },
  { attack: "a line break at the end", password: changed((url) => `${url}\n`), why: NO_URL },
  { attack: "a space before the URL", password: changed((url) => ` ${url}`), why: NO_URL },
  { attack: "two question marks", password: changed((url) => url.replace("/?", "/??")), why: NO_URL },
  {
    attack: "STS of China with the usual end",
    password: at("sts.cn-north-1.amazonaws.com"),
    why: NOT_STS,
  },

  // The action
  { attack: "another action", password: instead("Action", "AssumeRole"), why: wrong("Action") },
  {
    attack: "the action in lower case",
    password: instead("Action", "getcalleridentity"),
    why: wrong("Action"),
  },
  { attack: "a second action", password: more("Action=AssumeRole"), why: wrong("Action") },
  { attack: "a second action by an escaped name", password: more("%41ction=AssumeRole"), why: OTHER_NAME },
  { attack: "a second action in lower case", password: more("action=AssumeRole"), why: OTHER_NAME },
  {
    attack: "no action",
    password: changed((url) => url.replace("Action=GetCallerIdentity&", "")),
    why: lacks("Action"),
  },
  { attack: "another version", password: instead("Version", "2011-06-16"), why: wrong("Version") },
  {
    attack: "parameters of AssumeRole",
    password: more("RoleArn=arn%3Aaws%3Aiam%3A%3A1%3Arole%2Fx"),
    why: OTHER_NAME,
  },
  { attack: "a name of the prototype", password: more("__proto__=x"), why: OTHER_NAME },
  { attack: "a parameter without a name", password: more("=x"), why: OTHER_NAME },
  { attack: "a parameter without a value", password: more("X-Amz-Signature"), why: wrong("X-Amz-Signature") },
  { attack: "a second equals sign", password: instead("Version", "2011-06-15=x"), why: wrong("Version") },
  {
    attack: "parameters behind a semicolon",
    password: instead("Version", "2011-06-15;Action=x"),
    why: NO_URL,
  },
  {
    attack: "parameters behind an escaped ampersand",
    password: instead("Version", "2011-06-15%26Action%3Dx"),
    why: wrong("Version"),
  },
  {
    attack: "a line break in a value",
    password: instead("Version", "2011-06-15%0d%0aHost:%20evil"),
    why: NO_URL,
  },
  {
    attack: "an escaped line break in a value",
    password: instead("X-Amz-Security-Token", "a%0D%0Ax"),
    why: wrong("X-Amz-Security-Token"),
  },
  {
    attack: "an invalid escape",
    password: instead("X-Amz-Security-Token", "%zz"),
    why: wrong("X-Amz-Security-Token"),
  },
  {
    attack: "an escape of an escape",
    password: instead("Action", "%2547etCallerIdentity"),
    why: wrong("Action"),
  },
  { attack: "a NUL in a value", password: instead("Action", "GetCallerIdentity%00"), why: wrong("Action") },

  // The signature
  {
    attack: "an audience that is not signed",
    password: instead("X-Amz-SignedHeaders", "host"),
    why: wrong("X-Amz-SignedHeaders"),
  },
  {
    attack: "an audience of another product",
    password: instead("X-Amz-SignedHeaders", "host%3Bx-k8s-aws-id"),
    why: wrong("X-Amz-SignedHeaders"),
  },
  {
    attack: "a host that is not signed",
    password: instead("X-Amz-SignedHeaders", "x-dockless-audience"),
    why: wrong("X-Amz-SignedHeaders"),
  },
  {
    attack: "more signed headers than are sent",
    password: instead("X-Amz-SignedHeaders", "host%3Bx-dockless-audience%3Bx-other"),
    why: wrong("X-Amz-SignedHeaders"),
  },
  {
    attack: "the audience as a parameter",
    password: more("x-dockless-audience=registry.example.com"),
    why: OTHER_NAME,
  },
  {
    attack: "another algorithm",
    password: instead("X-Amz-Algorithm", "AWS4-ECDSA-P256-SHA256"),
    why: wrong("X-Amz-Algorithm"),
  },
  {
    attack: "a signature for another service",
    password: changed((url) => url.replace("%2Fsts%2F", "%2Fs3%2F")),
    why: wrong("X-Amz-Credential"),
  },
  {
    attack: "a signature for another region",
    password: changed((url) => url.replace("%2Feu-central-1%2F", "%2Fus-east-1%2F")),
    why: OTHER_SCOPE,
  },
  {
    attack: "a signature of another day",
    password: changed((url) => url.replace("%2F20261121%2F", "%2F20261120%2F")),
    why: OTHER_SCOPE,
  },
  {
    attack: "no signature",
    password: changed((url) => url.replace(/&X-Amz-Signature=[^&]*/, "")),
    why: lacks("X-Amz-Signature"),
  },
  {
    attack: "two signatures",
    password: more(`X-Amz-Signature=${"0".repeat(64)}`),
    why: wrong("X-Amz-Signature"),
  },
  {
    attack: "a signature in upper case",
    password: instead("X-Amz-Signature", "A".repeat(64)),
    why: wrong("X-Amz-Signature"),
  },

  // The time
  { attack: "an expiry of an hour", password: instead("X-Amz-Expires", "3600"), why: wrong("X-Amz-Expires") },
  {
    attack: "a second more than 15 minutes",
    password: instead("X-Amz-Expires", "901"),
    why: /longer than 15 minutes/,
  },
  {
    attack: "no expiry",
    password: changed((url) => url.replace(/&X-Amz-Expires=\d+/, "")),
    why: lacks("X-Amz-Expires"),
  },
  { attack: "a negative expiry", password: instead("X-Amz-Expires", "-1"), why: wrong("X-Amz-Expires") },
  { attack: "an expiry of zero", password: instead("X-Amz-Expires", "0"), why: wrong("X-Amz-Expires") },
  {
    attack: "an expiry in other digits",
    password: instead("X-Amz-Expires", "0x100"),
    why: wrong("X-Amz-Expires"),
  },
  { attack: "two expiries", password: more("X-Amz-Expires=60"), why: wrong("X-Amz-Expires") },
  {
    attack: "signed 15 minutes ago",
    password: (context) => context.awsPassword({ now: new Date(context.now.getTime() - 901_000) }),
    why: /has expired/,
  },
  {
    attack: "signed 6 minutes in the future",
    password: (context) => context.awsPassword({ now: new Date(context.now.getTime() + 360_000) }),
    why: /in the future/,
  },
  {
    attack: "signed at an invalid time",
    password: instead("X-Amz-Date", "20261121T996199Z"),
    why: /not a valid time/,
  },
  {
    attack: "a date in another form",
    password: instead("X-Amz-Date", "2026-11-21T12%3A00%3A00Z"),
    why: wrong("X-Amz-Date"),
  },

  // The encoding of the password
  { attack: "an empty password", password: async () => AWS_PASSWORD_PREFIX, why: NO_URL },
  {
    attack: "a URL that is not encoded",
    password: async (context) => AWS_PASSWORD_PREFIX + urlIn(await context.awsPassword()),
    why: /not valid base64url/,
  },
  {
    attack: "padding",
    password: async (context) => `${await context.awsPassword()}==`,
    why: /not valid base64url/,
  },
  {
    attack: "something after the base64",
    password: async (context) => `${await context.awsPassword()}.x`,
    why: /not valid base64url/,
  },
  {
    attack: "more than 12 KB",
    password: async () => passwordOf(`https://${"a".repeat(10_000)}`),
    why: /longer than 12288/,
  },
];
