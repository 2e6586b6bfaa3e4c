type Schema = Readonly<Record<string, unknown>>;

/** Keywords without effect on validation. */
const IGNORED_KEYWORDS = ["$schema", "$defs", "title", "description"];

type Rule = (argument: never, value: unknown, schema: Schema, root: Schema) => string | undefined;

const isObject = (value: unknown): value is Schema =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Subset of JSON Schema 2020-12 that the schemas of this project use. */
const RULES: Readonly<Record<string, Rule>> = {
  $ref: (ref: string, value, _, root) => {
    const [, name = ""] = /^#\/\$defs\/(\w+)$/.exec(ref) ?? [];
    const target = Object(root["$defs"])[name];
    if (target === undefined) throw new Error(`reference not found: ${ref}`);
    return brokenRule(target, value, root);
  },
  type: (type: string, value) => {
    if (type === "integer") return Number.isInteger(value) ? undefined : "is not an integer";
    const own = Array.isArray(value) ? "array" : value === null ? "null" : typeof value;
    return own === type ? undefined : `is not of type ${type}`;
  },
  enum: (all: readonly unknown[], value) => (all.includes(value) ? undefined : "is not in the enum"),
  pattern: (pattern: string, value) =>
    typeof value !== "string" || new RegExp(pattern, "u").test(value)
      ? undefined
      : `does not match ${pattern}`,
  minLength: (length: number, value) =>
    typeof value !== "string" || value.length >= length ? undefined : "is too short",
  maxLength: (length: number, value) =>
    typeof value !== "string" || value.length <= length ? undefined : "is too long",
  minimum: (least: number, value) =>
    typeof value !== "number" || value >= least ? undefined : "is too small",
  maximum: (most: number, value) => (typeof value !== "number" || value <= most ? undefined : "is too large"),
  minItems: (count: number, value) =>
    !Array.isArray(value) || value.length >= count ? undefined : "has too few items",
  maxItems: (count: number, value) =>
    !Array.isArray(value) || value.length <= count ? undefined : "has too many items",
  uniqueItems: (isRequired: boolean, value) =>
    !isRequired || !Array.isArray(value) || new Set(value).size === value.length
      ? undefined
      : "repeats an item",
  items: (items: Schema, value, _, root) =>
    Array.isArray(value) ? firstOf(value.map((item) => brokenRule(items, item, root))) : undefined,
  required: (names: readonly string[], value) =>
    isObject(value) ? firstOf(names.map((name) => (name in value ? undefined : `lacks ${name}`))) : undefined,
  properties: (properties: Readonly<Record<string, Schema>>, value, _, root) =>
    firstOf(
      Object.entries(isObject(value) ? value : {}).map(([name, item]) => {
        const schema = properties[name];
        return schema === undefined ? undefined : brokenRule(schema, item, root);
      }),
    ),
  additionalProperties: (others: false | Schema, value, { properties = {} }, root) =>
    firstOf(
      Object.entries(isObject(value) ? value : {})
        .filter(([name]) => !(name in Object(properties)))
        .map(([name, item]) => (others === false ? `has ${name}` : brokenRule(others, item, root))),
    ),
};

/** Returns the first violated rule of the schema; undefined when the value is valid. */
export function brokenRule(schema: Schema, value: unknown, root = schema): string | undefined {
  return firstOf(
    Object.entries(schema)
      .filter(([keyword]) => !IGNORED_KEYWORDS.includes(keyword))
      .map(([keyword, argument]) => {
        const rule = RULES[keyword];
        if (rule === undefined) throw new Error(`unsupported keyword ${keyword}`);
        return rule(argument as never, value, schema, root);
      }),
  );
}

function firstOf(broken: readonly (string | undefined)[]): string | undefined {
  return broken.find((one) => one !== undefined);
}
