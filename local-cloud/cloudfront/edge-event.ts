import { randomUUID } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { type HeaderList, listOf, without } from "../headers.ts";
import { isObject } from "../support/json.ts";

/**
 * "CloudFront Functions event structure": a value, and all of them when there are several.
 * @see https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/functions-event-structure.html
 */
interface Field {
  readonly value: string;
  readonly multiValue?: readonly { readonly value: string }[];
}

type Fields = Readonly<Record<string, Field>>;

/** What a function may return for a request: the request to be sent on, changed or not. */
export interface EdgeRequest {
  readonly method: string;
  readonly uri: string;
  readonly querystring: Fields;
  readonly headers: Fields;
  readonly cookies: Fields;
}

export function requestOf(incoming: IncomingMessage): EdgeRequest {
  const { method = "GET", url = "/" } = incoming;
  const mark = url.indexOf("?");
  const list = listOf(incoming);
  const cookies = list.filter(([name]) => name.toLowerCase() === "cookie").map(([, value]) => value);
  return {
    method,
    uri: mark === -1 ? url : url.slice(0, mark),
    querystring: fieldsOf(mark === -1 ? [] : pairsOf(url.slice(mark + 1), "&")),
    headers: fieldsOf(without(list, "cookie").map(([name, value]) => [name.toLowerCase(), value] as const)),
    cookies: fieldsOf(pairsOf(cookies.join("; "), /; */)),
  };
}

export function eventOf(request: EdgeRequest, eventType: string, ip: string): object {
  const context = {
    distributionDomainName: "d111111abcdef8.cloudfront.net",
    distributionId: "EDFDVBD6EXAMPLE",
    eventType,
    requestId: randomUUID(),
  };
  return { version: "1.0", context, viewer: { ip }, request };
}

/** As they were written: nothing is decoded. */
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

/** @returns the path and query to ask the origin for; the query stays as it was unless the function changed it */
export function targetOf(request: EdgeRequest, before: EdgeRequest, url: string): string {
  const mark = url.indexOf("?");
  const same = JSON.stringify(request.querystring) === JSON.stringify(before.querystring);
  const query = same ? (mark === -1 ? "" : url.slice(mark + 1)) : joinedBy(request.querystring, "&");
  return query === "" ? request.uri : `${request.uri}?${query}`;
}

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

/** @throws Error when it is not of the documented form */
export function parseRequest(value: unknown): EdgeRequest {
  if (!isObject(value)) throw new Error("the function returned no request");
  const { method, uri, querystring = {}, headers = {}, cookies = {} } = value;
  if (typeof method !== "string" || typeof uri !== "string")
    throw new Error("a request without method or uri");
  if (!uri.startsWith("/")) throw new Error(`the uri ${uri} does not begin with a slash`);
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
    if (!isObject(field) || typeof field["value"] !== "string") throw new Error(`${name} has no value`);
  }
  return value as Fields;
}
