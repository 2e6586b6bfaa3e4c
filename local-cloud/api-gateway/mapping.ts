import { type HeaderList, withoutHeaders } from "../headers.ts";

/**
 * An integration's request parameter mappings, for example from `overwrite:header.x-name` to a value.
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-parameter-mapping.html
 */
export type ParameterMapping = Readonly<Record<string, string>>;

const HEADER_MAPPING = /^(append|overwrite|remove):header\.([\w-]+)$/;

/** Validates mappings. @throws Error for unsupported mappings */
export function checkMapping(mapping: ParameterMapping): void {
  for (const [name, value] of Object.entries(mapping)) {
    if (!HEADER_MAPPING.test(name)) throw new Error(`unsupported parameter mapping: ${name}`);
    if (value.startsWith("$") && !value.startsWith("$request.header."))
      throw new Error(`unsupported value of a parameter mapping: ${value}`);
  }
}

/** Applies a mapping to the headers of a request. */
export function applyMapping(headers: HeaderList, mapping: ParameterMapping): HeaderList {
  let result = headers;
  for (const [key, template] of Object.entries(mapping)) {
    const [, action, name = ""] = HEADER_MAPPING.exec(key) ?? [];
    const value = valueFor(template, headers);
    if (action !== "append") result = withoutHeaders(result, name.toLowerCase());
    if (action !== "remove" && value !== undefined) result = [...result, [name, value]];
  }
  return result;
}

function valueFor(template: string, headers: HeaderList): string | undefined {
  const [, name] = /^\$request\.header\.(.+)$/.exec(template) ?? [];
  if (name === undefined) return template;
  return headers.find(([other]) => other.toLowerCase() === name.toLowerCase())?.[1];
}
