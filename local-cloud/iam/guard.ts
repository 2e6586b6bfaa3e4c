import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import type { FunctionStats } from "../stats.ts";
import { type Forwardable, forward, relayResponse } from "../support/forward.ts";
import { type ListeningServer, listen } from "../support/listen.ts";
import { type AwsCall, type AwsRequest, UnsupportedCallError } from "./call.ts";
import { isAllowed, type Statement } from "./policy.ts";

/** Time in milliseconds after which an idle connection is closed. */
const IDLE_TIMEOUT_MILLISECONDS = 20_000;

/** Options for `startGuard`. */
export interface GuardOptions {
  /** Name of the function that uses this endpoint. */
  readonly name: string;
  readonly statements: readonly Statement[];
  readonly stats: FunctionStats;
  readonly reportProblem: (problem: string) => void;
  /** URL of the server behind the guard. */
  readonly target: string;
  readonly service: ServiceProtocol;
}

/** Service-specific parts of the guard: parsing requests, and responses in the service's format. */
export interface ServiceProtocol {
  /** Parses a request. @throws UnsupportedCallError, SyntaxError */
  parseCall(request: AwsRequest): AwsCall;
  /** Returns whether the required permissions depend on the body, which must then be read first. */
  needsBody(incoming: IncomingMessage): boolean;
  /** Sends an access-denied error in the service's format. @param missing missing permission */
  sendAccessDenied(outgoing: ServerResponse, missing: string): void;
  /** Returns whether a response reveals more than the permissions allow, and must be replaced with an access-denied error. */
  mustHide(call: AwsCall, status: number, statements: readonly Statement[]): boolean;
}

/** Starts an S3 or DynamoDB endpoint for one function, which forwards only the calls that the function's role allows. */
export async function startGuard(options: GuardOptions): Promise<ListeningServer> {
  const guard = new Guard(options);
  const server = createServer({ keepAliveTimeout: IDLE_TIMEOUT_MILLISECONDS }, (incoming, outgoing) => {
    void guard.serve(incoming, outgoing).catch(() => outgoing.destroy());
  });
  server.on("checkContinue", (incoming, outgoing) => {
    outgoing.writeContinue();
    server.emit("request", incoming, outgoing);
  });
  return await listen(server);
}

class Guard {
  readonly #options: GuardOptions;

  constructor(options: GuardOptions) {
    this.#options = options;
  }

  async serve(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const { service, target, statements } = this.#options;
    const body = service.needsBody(incoming) ? await buffer(incoming) : undefined;
    const call = this.#authorize(incoming, body?.toString() ?? "");
    if (typeof call === "string") return await this.#deny(incoming, outgoing, call);
    this.#options.stats.recordCall(call.kind);
    const response = await forward(body === undefined ? incoming : replay(incoming, body), target);
    if (service.mustHide(call, response.statusCode ?? 0, statements)) {
      response.resume();
      this.#reportProblem(`403 for ${call.kind} of a missing object without s3:ListBucket`);
      return service.sendAccessDenied(outgoing, "s3:ListBucket");
    }
    await relayResponse(response, outgoing);
  }

  /** Authorizes a request. @returns the missing permission when it is denied */
  #authorize({ method = "", url = "", headers }: IncomingMessage, body: string): AwsCall | string {
    try {
      const call = this.#options.service.parseCall({ method, url, headers, body });
      const missing = call.requiredPermissions.find(
        (permission) => !isAllowed(this.#options.statements, permission),
      );
      if (missing !== undefined) return `${missing.action} on ${missing.resource}`;
      return call.requiredPermissions.length === 0 ? `${call.kind} without a resource` : call;
    } catch (error) {
      if (error instanceof UnsupportedCallError || error instanceof SyntaxError)
        return `unsupported: ${error.message}`;
      throw error;
    }
  }

  async #deny(incoming: IncomingMessage, outgoing: ServerResponse, missing: string): Promise<void> {
    this.#reportProblem(`access denied: ${missing}`);
    this.#options.stats.denied.push(missing);
    for await (const _ of incoming);
    this.#options.service.sendAccessDenied(outgoing, missing);
  }

  #reportProblem(problem: string): void {
    this.#options.reportProblem(`${this.#options.name}: ${problem}`);
  }
}

/** Returns the request with a body that has already been read. */
function replay({ method, url, rawHeaders }: IncomingMessage, body: Buffer): Forwardable {
  return Object.assign(Readable.from([body]), { method, url, rawHeaders, complete: true });
}
