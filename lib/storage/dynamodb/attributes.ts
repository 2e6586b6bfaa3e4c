/**
 * Attribute value in DynamoDB's JSON format; binary values are in base64:
 * docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_AttributeValue.html
 */
export interface Attribute {
  readonly S?: string;
  /** Decimal number. */
  readonly N?: string;
  readonly B?: string;
  readonly BOOL?: boolean;
  readonly NULL?: boolean;
  readonly L?: readonly Attribute[];
  readonly M?: Item;
}

/** Attributes of one record by name. */
export type Item = Readonly<Record<string, Attribute>>;

/** Converts fields to attributes, and omits undefined fields. @throws TypeError for a value that a record cannot store */
export function toItem(fields: object): Item {
  const defined = Object.entries(fields).filter(([, value]) => value !== undefined);
  return Object.fromEntries(defined.map(([name, value]) => [name, toAttribute(value)]));
}

/** Converts attributes back to the fields passed to `toItem`. */
export function fromItem(item: Item): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(item).map(([name, attribute]) => [name, fromAttribute(attribute)]),
  );
}

function toAttribute(value: unknown): Attribute {
  if (typeof value === "string") return { S: value };
  if (typeof value === "number" && isExact(value)) return { N: String(value) };
  if (typeof value === "boolean") return { BOOL: value };
  if (value === null) return { NULL: true };
  if (value instanceof Uint8Array) return { B: bufferOf(value).toString("base64") };
  if (Array.isArray(value)) return { L: value.map(toAttribute) };
  if (typeof value === "object" && isPlain(value)) return { M: toItem(value) };
  throw new TypeError(`unsupported field value: ${typeof value} ${String(value)}`);
}

function fromAttribute({ S, N, B, BOOL, L, M, NULL }: Attribute): unknown {
  if (S !== undefined) return S;
  if (N !== undefined) return Number(N);
  if (B !== undefined) return Buffer.from(B, "base64");
  if (BOOL !== undefined) return BOOL;
  if (L !== undefined) return L.map(fromAttribute);
  if (M !== undefined) return fromItem(M);
  if (NULL !== undefined) return null;
  throw new TypeError("unsupported attribute type");
}

function isExact(value: number): boolean {
  return Number.isFinite(value) && (!Number.isInteger(value) || Number.isSafeInteger(value));
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

function bufferOf({ buffer, byteOffset, byteLength }: Uint8Array): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength);
}
