import { type HeaderList, without } from "../headers.ts";

/**
 * Request parameter mappings of an integration, such as `overwrite:header.x-name` to a value.
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-parameter-mapping.html
 */
export type ParameterMapping = Readonly<Record<string, string>>;

const HEADER = /^(append|overwrite|remove):header\.([\w-]+)$/;

/** @throws Error for mappings that this cloud does not know */
export function checkMapping(mapping: ParameterMapping): void {
  for (const [name, value] of Object.entries(mapping)) {
    if (!HEADER.test(name)) throw new Error(`the parameter mapping ${name} is not understood`);
    if (value.startsWith("$") && !value.startsWith("$request.header."))
      throw new Error(`the value of a parameter mapping is not understood: ${value}`);
  }
}

export function mapped(headers: HeaderList, mapping: ParameterMapping): HeaderList {
  let result = headers;
  for (const [key, template] of Object.entries(mapping)) {
    const [, action, name = ""] = HEADER.exec(key) ?? [];
    const value = valueFor(template, headers);
    if (action !== "append") result = without(result, name.toLowerCase());
    if (action !== "remove" && value !== undefined) result = [...result, [name, value]];
  }
  return result;
}

function valueFor(template: string, headers: HeaderList): string | undefined {
  const [, name] = /^\$request\.header\.(.+)$/.exec(template) ?? [];
  if (name === undefined) return template;
  return headers.find(([other]) => other.toLowerCase() === name.toLowerCase())?.[1];
}
