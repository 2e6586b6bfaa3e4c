import type { S3Client } from "@aws-sdk/client-s3";
import type { DynamoClient } from "../../../lib/storage/dynamodb/client.ts";
import { readUnits, writeUnits } from "./units.ts";

/** Calls of S3 and DynamoDB by kind, and what DynamoDB charges for them. */
export class Calls {
  readonly #counts = new Map<string, number>();
  reads = 0;
  writes = 0;

  /** From here on every call that the client sends counts; to sign a URL sends nothing. */
  watchS3(client: S3Client): void {
    client.middlewareStack.add(
      (next, context) => async (args) => {
        this.add(`S3 ${nameOf(context.commandName)}`);
        return await next(args);
      },
      { step: "deserialize", name: "counting" },
    );
  }

  /** The same client, whose calls count. */
  watched(client: DynamoClient): DynamoClient {
    return {
      call: async (operation, input) => {
        this.add(`DynamoDB ${operation}`);
        this.writes += writeUnits(operation, input);
        const output = await client.call(operation, input);
        this.reads += readUnits(operation, input, output);
        return output;
      },
      destroy: () => client.destroy(),
    };
  }

  add(kind: string, count = 1): void {
    this.#counts.set(kind, this.count(kind) + count);
  }

  count(kind: string): number {
    return this.#counts.get(kind) ?? 0;
  }

  get kinds(): readonly string[] {
    return [...this.#counts.keys()].sort();
  }

  /** For comparison: `{ "DynamoDB GetItem": 1 }`. */
  toJSON(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.kinds.map((kind) => [kind, this.count(kind)]));
  }

  copy(): Calls {
    const copy = new Calls();
    for (const kind of this.kinds) copy.add(kind, this.count(kind));
    return Object.assign(copy, { reads: this.reads, writes: this.writes });
  }

  reset(): void {
    this.#counts.clear();
    this.reads = 0;
    this.writes = 0;
  }
}

function nameOf(commandName = "unknown"): string {
  return commandName.replace(/Command$/, "");
}
