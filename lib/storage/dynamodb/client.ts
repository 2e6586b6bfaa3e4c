import { isExpiredTokenError } from "../expired-token.ts";
import { type Connections, createConnections, type HttpResponse } from "./exchange.ts";
import type { Input, Operation, Output } from "./operations.ts";
import { type Credentials, Signer } from "./signer.ts";

/** Region and endpoint of DynamoDB. */
interface DynamoLocation {
  readonly region: string;
  /** Origin, for example `https://dynamodb.eu-central-1.amazonaws.com`. */
  readonly endpoint: string;
}

/** Sources of the client's location and credentials. */
export interface DynamoClientOptions {
  /** Called on first use, and again until it has succeeded. Its errors are thrown by the call that needed the location. */
  location(): Promise<DynamoLocation>;
  /** Called once for each call. */
  credentials(): Promise<Credentials>;
  /** Called when DynamoDB reports that the credentials expired; the call then fails like any other. */
  onExpiredCredentials?(): void;
}

/** Client that sends each request once: retries are left to the caller. */
export interface DynamoClient {
  /** @throws DynamoError for an error response; errors of `Connections.post` when there is no complete response */
  call<O extends Operation>(operation: O, input: Input<O>): Promise<Output<O>>;
  /** Closes the connections. */
  destroy(): void;
}

/** Error response of DynamoDB; its name is one of the API's error names. */
export class DynamoError extends Error {
  readonly status: number;
  /** Cancellation reasons of a transaction, one for each of its items. */
  readonly reasons: readonly { readonly Code?: string }[];

  constructor(name: string, message: string, status: number, reasons: DynamoError["reasons"] = []) {
    super(message);
    this.name = name;
    this.status = status;
    this.reasons = reasons;
  }
}

/** Creates a client of the low-level API: docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.LowLevelAPI.html */
export function createDynamoClient(options: DynamoClientOptions): DynamoClient {
  const { location: place, credentials, onExpiredCredentials } = options;
  const signer = new Signer();
  let opening: Promise<Opened> | undefined;
  return {
    call: async (operation, input) => {
      opening ??= open(place).catch((error: unknown) => {
        opening = undefined;
        throw error;
      });
      const { region, host, connections } = await opening;
      const signing = { region, service: "dynamodb", credentials: await credentials(), now: new Date() };
      const body = JSON.stringify(input);
      const headers = signer.signPost(headersOf(operation, host), body, signing);
      const length = { "content-length": Buffer.byteLength(body) };
      const response = await connections.post({ ...headers, ...length }, body);
      if (response.status !== 200 && isExpiredTokenError(errorOf(response))) onExpiredCredentials?.();
      return parse(response);
    },
    destroy: () => {
      opening?.then(
        ({ connections }) => connections.close(),
        () => undefined,
      );
    },
  };
}

interface Opened {
  readonly region: string;
  readonly host: string;
  readonly connections: Connections;
}

async function open(place: () => Promise<DynamoLocation>): Promise<Opened> {
  const { region, endpoint } = await place();
  const url = new URL(endpoint);
  return { region, host: url.host, connections: await createConnections(url) };
}

function headersOf(operation: Operation, host: string): Record<string, string> {
  return {
    host,
    "content-type": "application/x-amz-json-1.0",
    "x-amz-target": `DynamoDB_20120810.${operation}`,
  };
}

function parse<T>(response: HttpResponse): T {
  const value = response.status === 200 ? jsonOf(response.text) : undefined;
  if (value === undefined) throw errorOf(response);
  return value as T;
}

function errorOf({ status, text }: HttpResponse): DynamoError {
  const { __type: type, message, Message, CancellationReasons } = jsonOf(text) ?? {};
  // A response that is not JSON comes from a failed intermediary, not from DynamoDB.
  if (typeof type !== "string")
    return new DynamoError("ServiceUnavailable", text.slice(0, 200), Math.max(status, 502));
  const reasons = Array.isArray(CancellationReasons) ? CancellationReasons : [];
  return new DynamoError(type.replace(/^.*#/, ""), String(message ?? Message ?? ""), status, reasons);
}

function jsonOf(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}
