import type { S3Client } from "@aws-sdk/client-s3";
import type { DynamoClient } from "../../../lib/storage/dynamodb/client.ts";
import { readUnits, writeUnits } from "./units.ts";

/** Counter of calls of S3 and DynamoDB by kind, and of DynamoDB's units. */
export class Calls {
  readonly #counts = new Map<string, number>();
  reads = 0;
  writes = 0;

  /** Counts all further requests of a client; signing a URL sends none. */
  watchS3(client: S3Client): void {
    client.middlewareStack.add(
      (next, context) => async (args) => {
        this.add(`S3 ${nameOf(context.commandName)}`);
        return await next(args);
      },
      { step: "deserialize", name: "counting" },
    );
  }

  /** Returns a client whose calls are counted. */
  watched(client: DynamoClient): DynamoClient {
    return {
      call: async (operation, input) => {
        this.add(`DynamoDB ${operation}`);
        this.writes += writeUnits(operation, input);
        // Units are counted for whole items, whichever attributes DynamoDB returns.
        const whole = "ProjectionExpression" in input ? { ...input, ProjectionExpression: undefined } : input;
        const output = await client.call(operation, whole);
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

  /** Returns the counts, for example `{ "DynamoDB GetItem": 1 }`. */
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
