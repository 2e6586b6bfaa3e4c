import { isObject } from "../support/json.ts";

/** Reads an object of a template. What nobody has read in the end is something that this cloud does not know. */
export class Properties {
  readonly where: string;
  readonly #value: Readonly<Record<string, unknown>>;
  readonly #read = new Set<string>();

  constructor(where: string, value: unknown) {
    if (!isObject(value)) throw new Error(`${where} is not an object`);
    this.where = where;
    this.#value = value;
  }

  has(name: string): boolean {
    return this.get(name) !== undefined;
  }

  get(name: string): unknown {
    this.#read.add(name);
    return this.#value[name];
  }

  text(name: string, otherwise?: string): string {
    const value = this.get(name) ?? otherwise;
    if (typeof value !== "string") throw this.#wrong(name, "a text");
    return value;
  }

  number(name: string, otherwise?: number): number {
    const value = Number(this.get(name) ?? otherwise);
    if (Number.isNaN(value)) throw this.#wrong(name, "a number");
    return value;
  }

  /** Must be one of these: all others would need something that this cloud has not got. */
  oneOf(name: string, ...known: readonly unknown[]): void {
    const value = this.get(name);
    if (!known.includes(value)) throw this.#wrong(name, `one of ${known.map(String).join(", ")}`);
  }

  object(name: string): Properties {
    return new Properties(`${this.where}.${name}`, this.get(name));
  }

  /** Undefined when there is none. */
  optional(name: string): Properties | undefined {
    return this.has(name) ? this.object(name) : undefined;
  }

  objects(name: string): readonly Properties[] {
    return this.#list(name).map((value, index) => new Properties(`${this.where}.${name}[${index}]`, value));
  }

  texts(name: string): readonly string[] {
    return this.#list(name).map((value) => {
      if (typeof value !== "string") throw this.#wrong(name, "a list of texts");
      return value;
    });
  }

  record(name: string): Readonly<Record<string, string>> {
    const value = this.get(name) ?? {};
    if (!isObject(value)) throw this.#wrong(name, "an object");
    return Object.fromEntries(Object.entries(value).map(([key, text]) => [key, String(text)]));
  }

  /** What makes no difference here. */
  withoutEffect(...names: readonly string[]): this {
    for (const name of names) this.#read.add(name);
    return this;
  }

  /** @throws Error that names what is not understood */
  finish(): void {
    const unknown = Object.keys(this.#value).filter((name) => !this.#read.has(name));
    if (unknown.length > 0) throw new Error(`${this.where}: ${unknown.join(", ")} is not understood`);
  }

  #list(name: string): readonly unknown[] {
    const value = this.get(name) ?? [];
    if (!Array.isArray(value)) throw this.#wrong(name, "a list");
    return value;
  }

  #wrong(name: string, expected: string): Error {
    const found = JSON.stringify(this.#value[name]);
    return new Error(`${this.where}.${name} is ${found}, and not ${expected}`);
  }
}
