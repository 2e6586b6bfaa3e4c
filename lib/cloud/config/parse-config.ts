import { RetentionDays } from "aws-cdk-lib/aws-logs";
import { excerptOf, fieldsOf, parseText } from "../../auth/configuration.ts";
import { isWebOrigin } from "../../auth/web-origin.ts";
import { MAX_DESCRIPTOR_LIMIT } from "../../oci/descriptor-limit.ts";
import { parseOriginSecretNames } from "../edge/origin-secrets.ts";
import type { RegistryProps } from "../registry-props.ts";
import { parseWhole, withField } from "./field.ts";
import { LIMIT_FIELDS } from "./limits.ts";

const UPLOADS = ["web-function", "fargate"] as const;
const MAX_URL_LIFETIME_SECONDS = 3600;

/** Log retention periods that CloudWatch Logs accepts, in days. */
const RETENTION_DAYS: readonly unknown[] = Object.values(RetentionDays).filter(
  (days) => typeof days === "number" && days !== RetentionDays.INFINITE,
);

const DOMAIN_NAME = /^(?=.{1,253}$)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}$/;

/** Parsers by prop name. The type requires a parser for every registry prop. */
const FIELDS = {
  domain: parseDomain,
  access: (value: unknown) => parseText(value, "the path of an access file"),
  uploads: parseUploads,
  urlLifetime: parseUrlLifetime,
  maxDescriptors: (value: unknown) => parseWhole(value, 1, MAX_DESCRIPTOR_LIMIT),
  dualStack: parseBoolean,
  corsOrigins: parseOrigins,
  s3Multipart: parseBoolean,
  destroyData: parseBoolean,
  logRetention: parseRetention,
  ...LIMIT_FIELDS,
  originSecrets: parseOriginSecretNames,
  webAclArn: (value: unknown) => parseArn(value, "wafv2", "us-east-1", "global/webacl/"),
  directPush: parseBoolean,
  directPushBypassesWebAcl: parseBoolean,
  alarmTopic: (value: unknown) => parseArn(value, "sns", "[a-z0-9-]+", ""),
} satisfies Record<keyof RegistryProps, (value: unknown) => unknown>;

type Fields = typeof FIELDS;

/** Deployment options from a configuration file: the registry's props, with ARNs and ids instead of constructs. */
export type DeployConfig = { readonly [K in keyof Fields]?: ReturnType<Fields[K]> };

interface DomainConfig {
  readonly domainName: string;
  readonly certificateArn: string;
  readonly hostedZone?: { readonly hostedZoneId: string; readonly zoneName: string };
}

/** Parses the deployment options. @throws RangeError prefixed with the field: `urlLifetime: must be ...` */
export function parseConfig(value: unknown): DeployConfig {
  const fields = fieldsOf(value, "the configuration", ["$schema", ...Object.keys(FIELDS)]);
  const parsed = Object.entries(FIELDS)
    .filter(([name]) => fields.has(name))
    .map(([name, parse]) => [name, withField(name, () => parse(fields.get(name)))]);
  return Object.fromEntries(parsed) as DeployConfig;
}

function parseDomain(value: unknown): DomainConfig {
  const fields = fieldsOf(value, "a domain", ["domainName", "certificateArn", "hostedZone"]);
  const zone = fields.get("hostedZone");
  return {
    domainName: withField("domainName", () => parseDomainName(fields.get("domainName"))),
    certificateArn: withField("certificateArn", () =>
      parseArn(fields.get("certificateArn"), "acm", "us-east-1", "certificate/"),
    ),
    ...(zone === undefined ? {} : { hostedZone: withField("hostedZone", () => parseZone(zone)) }),
  };
}

function parseZone(value: unknown) {
  const fields = fieldsOf(value, "a hosted zone", ["hostedZoneId", "zoneName"]);
  const hostedZoneId = parseText(fields.get("hostedZoneId"), "hostedZoneId");
  if (!/^Z[A-Z0-9]{1,31}$/.test(hostedZoneId)) {
    throw new RangeError(
      `${excerptOf(hostedZoneId)} is not a hosted zone ID: use one such as Z0123456789ABCDEFGHIJ`,
    );
  }
  return { hostedZoneId, zoneName: withField("zoneName", () => parseDomainName(fields.get("zoneName"))) };
}

function parseDomainName(value: unknown): string {
  if (typeof value === "string" && DOMAIN_NAME.test(value)) return value;
  throw new RangeError(`must be a lower-case hostname such as registry.example.org, not ${excerptOf(value)}`);
}

function parseUploads(value: unknown): (typeof UPLOADS)[number] {
  const found = UPLOADS.find((known) => known === value);
  if (found !== undefined) return found;
  throw new RangeError(`must be one of ${UPLOADS.join(", ")}, not ${excerptOf(value)}`);
}

function parseUrlLifetime(value: unknown): number {
  const isValid = Number.isInteger(value) && Number(value) >= 1 && Number(value) <= MAX_URL_LIFETIME_SECONDS;
  if (isValid) return Number(value);
  const range = `from 1 to ${MAX_URL_LIFETIME_SECONDS}`;
  throw new RangeError(`must be a whole number of seconds ${range}, not ${excerptOf(value)}`);
}

function parseBoolean(value: unknown): boolean {
  if (typeof value === "boolean") return value;
  throw new RangeError(`must be true or false, not ${excerptOf(value)}`);
}

function parseOrigins(value: unknown): readonly string[] {
  if (Array.isArray(value) && value.every((item) => typeof item === "string" && isWebOrigin(item)))
    return value;
  throw new RangeError(`must be a list of origins such as https://ui.example.com, not ${excerptOf(value)}`);
}

function parseRetention(value: unknown): RetentionDays {
  if (typeof value === "number" && RETENTION_DAYS.includes(value)) return value;
  throw new RangeError(
    `must be a number of days: one of ${RETENTION_DAYS.join(", ")}, not ${excerptOf(value)}`,
  );
}

function parseArn(value: unknown, service: string, region: string, resource: string): string {
  const pattern = new RegExp(`^arn:aws[a-z-]*:${service}:${region}:\\d{12}:${resource}[\\w/-]+$`);
  if (typeof value === "string" && value.length <= 512 && pattern.test(value)) return value;
  const example = `arn:aws:${service}:us-east-1:123456789012:${resource}NAME`;
  throw new RangeError(`must be an ARN such as ${example}, not ${excerptOf(value)}`);
}
