import { isObject } from "../support/json.ts";

/** Reads an object in a template. Rejects properties that have not been read, because they are unsupported. */
export class Properties {
  readonly where: string;
  readonly #value: Readonly<Record<string, unknown>>;
  readonly #read = new Set<string>();

  constructor(where: string, value: unknown) {
    if (!isObject(value)) throw new Error(`${where} is not an object`);
    this.where = where;
    this.#value = value;
  }

  /** Returns whether a property is set. */
  has(name: string): boolean {
    return this.get(name) !== undefined;
  }

  /** Reads a property of any type. */
  get(name: string): unknown {
    this.#read.add(name);
    return this.#value[name];
  }

  /** Reads a string. */
  text(name: string, otherwise?: string): string {
    const value = this.get(name) ?? otherwise;
    if (typeof value !== "string") throw this.#wrong(name, "a string");
    return value;
  }

  /** Reads a number, or a string with a number. */
  number(name: string, otherwise?: number): number {
    const value = Number(this.get(name) ?? otherwise);
    if (Number.isNaN(value)) throw this.#wrong(name, "a number");
    return value;
  }

  /** Requires that a property has one of the supported values. */
  requireOneOf(name: string, ...known: readonly unknown[]): void {
    const value = this.get(name);
    if (!known.includes(value)) throw this.#wrong(name, `one of ${known.map(String).join(", ")}`);
  }

  /** Reads an object. */
  object(name: string): Properties {
    return new Properties(`${this.where}.${name}`, this.get(name));
  }

  /** Reads an object; undefined when it is not set. */
  optional(name: string): Properties | undefined {
    return this.has(name) ? this.object(name) : undefined;
  }

  /** Reads a list of objects. */
  objects(name: string): readonly Properties[] {
    return this.#list(name).map((value, index) => new Properties(`${this.where}.${name}[${index}]`, value));
  }

  /** Reads a list of strings. */
  texts(name: string): readonly string[] {
    return this.#list(name).map((value) => {
      if (typeof value !== "string") throw this.#wrong(name, "a list of strings");
      return value;
    });
  }

  /** Reads an object whose values are converted to strings. */
  record(name: string): Readonly<Record<string, string>> {
    const value = this.get(name) ?? {};
    if (!isObject(value)) throw this.#wrong(name, "an object");
    return Object.fromEntries(Object.entries(value).map(([key, text]) => [key, String(text)]));
  }

  /** Marks properties that have no effect on this machine as read. */
  ignore(...names: readonly string[]): this {
    for (const name of names) this.#read.add(name);
    return this;
  }

  /** @throws Error that names the properties that were not read */
  rejectUnread(): void {
    const unknown = Object.keys(this.#value).filter((name) => !this.#read.has(name));
    if (unknown.length > 0) throw new Error(`${this.where}: unsupported ${unknown.join(", ")}`);
  }

  #list(name: string): readonly unknown[] {
    const value = this.get(name) ?? [];
    if (!Array.isArray(value)) throw this.#wrong(name, "a list");
    return value;
  }

  #wrong(name: string, expected: string): Error {
    const found = JSON.stringify(this.#value[name]);
    return new Error(`${this.where}.${name} is ${found} instead of ${expected}`);
  }
}
