import { randomUUID } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { type HeaderList, headerListOf, withoutHeaders } from "../headers.ts";
import { isObject } from "../support/json.ts";

/**
 * A field's value, and all of its values if it occurs several times: "CloudFront Functions event structure".
 * @see https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/functions-event-structure.html
 */
interface Field {
  readonly value: string;
  readonly multiValue?: readonly { readonly value: string }[];
}

type Fields = Readonly<Record<string, Field>>;

/** Request that a function returns, to be forwarded. */
export interface EdgeRequest {
  readonly method: string;
  readonly uri: string;
  readonly querystring: Fields;
  readonly headers: Fields;
  readonly cookies: Fields;
}

/** Converts an HTTP request to the event's format. */
export function edgeRequestOf(incoming: IncomingMessage): EdgeRequest {
  const { method = "GET", url = "/" } = incoming;
  const mark = url.indexOf("?");
  const list = headerListOf(incoming);
  const cookies = list.filter(([name]) => name.toLowerCase() === "cookie").map(([, value]) => value);
  return {
    method,
    uri: mark === -1 ? url : url.slice(0, mark),
    querystring: fieldsOf(mark === -1 ? [] : pairsOf(url.slice(mark + 1), "&")),
    headers: fieldsOf(
      withoutHeaders(list, "cookie").map(([name, value]) => [name.toLowerCase(), value] as const),
    ),
    cookies: fieldsOf(pairsOf(cookies.join("; "), /; */)),
  };
}

/** Returns the event that a function receives. */
export function createEvent(request: EdgeRequest, eventType: string, ip: string): object {
  const context = {
    distributionDomainName: "d111111abcdef8.cloudfront.net",
    distributionId: "EDFDVBD6EXAMPLE",
    eventType,
    requestId: randomUUID(),
  };
  return { version: "1.0", context, viewer: { ip }, request };
}

/** Splits pairs without decoding them. */
function pairsOf(text: string, separator: string | RegExp): HeaderList {
  const parts = text.split(separator).filter((part) => part !== "");
  return parts.map((part) => {
    const mark = part.indexOf("=");
    return mark === -1 ? [part, ""] : [part.slice(0, mark), part.slice(mark + 1)];
  });
}

function fieldsOf(pairs: HeaderList): Fields {
  const values = Map.groupBy(pairs, ([name]) => name);
  const entries = [...values].map(([name, all]) => {
    const list = all.map(([, value]) => ({ value }));
    const last = list.at(-1) ?? { value: "" };
    return [name, list.length === 1 ? last : { ...last, multiValue: list }] as const;
  });
  return Object.fromEntries(entries);
}

/** Returns path and query for the origin. Unless the function changed the query, it keeps its original encoding. */
export function targetOf(request: EdgeRequest, before: EdgeRequest, url: string): string {
  const mark = url.indexOf("?");
  const same = JSON.stringify(request.querystring) === JSON.stringify(before.querystring);
  const query = same ? (mark === -1 ? "" : url.slice(mark + 1)) : joinedBy(request.querystring, "&");
  return query === "" ? request.uri : `${request.uri}?${query}`;
}

/** Returns the headers for the origin, including cookies. */
export function headersOf({ headers, cookies }: EdgeRequest): HeaderList {
  const cookie = joinedBy(cookies, "; ");
  return [...pairs(headers), ...(cookie === "" ? [] : [["cookie", cookie] as const])];
}

function joinedBy(fields: Fields, separator: string): string {
  return pairs(fields)
    .map(([name, value]) => (value === "" ? name : `${name}=${value}`))
    .join(separator);
}

function pairs(fields: Fields): HeaderList {
  return Object.entries(fields).flatMap(([name, { value, multiValue }]) => {
    return (multiValue ?? [{ value }]).map((one) => [name, one.value] as const);
  });
}

/** Validates the result of a function. @throws Error when it does not have the documented form */
export function parseRequest(value: unknown): EdgeRequest {
  if (!isObject(value)) throw new Error("the function did not return a request");
  const { method, uri, querystring = {}, headers = {}, cookies = {} } = value;
  if (typeof method !== "string" || typeof uri !== "string")
    throw new Error("a request without method or uri");
  if (!uri.startsWith("/")) throw new Error(`uri must begin with a slash: ${uri}`);
  return {
    method,
    uri,
    querystring: parseFields(querystring),
    headers: parseFields(headers),
    cookies: parseFields(cookies),
  };
}

function parseFields(value: unknown): Fields {
  if (!isObject(value)) throw new Error("headers, cookies and query must be objects");
  for (const [name, field] of Object.entries(value)) {
    if (!isObject(field) || typeof field["value"] !== "string")
      throw new Error(`field without a value: ${name}`);
  }
  return value as Fields;
}
