import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import type { FunctionStats } from "../stats.ts";
import { type Forwardable, forward, passOn } from "../support/forward.ts";
import { type Listening, listen } from "../support/listen.ts";
import { type AwsCall, type AwsRequest, UnknownCallError } from "./call.ts";
import { isAllowed, type Statement } from "./policy.ts";

/** When a connection that is not used is closed. */
const IDLE_MILLISECONDS = 20_000;

export interface GuardOptions {
  /** The function whose calls come here, and no other's. */
  readonly name: string;
  readonly statements: readonly Statement[];
  readonly stats: FunctionStats;
  readonly complain: (problem: string) => void;
  /** The server behind. */
  readonly target: string;
  readonly service: Service;
}

/** What differs between the services. */
export interface Service {
  call(request: AwsRequest): AwsCall;
  /** Whether the body has to be read to know what a request needs. */
  judgesBody(incoming: IncomingMessage): boolean;
  refuse(outgoing: ServerResponse, missing: string): void;
  /** Whether an answer says more than the function may know, so that it is refused instead. */
  hides(call: AwsCall, status: number, statements: readonly Statement[]): boolean;
}

/** A door to S3 or DynamoDB for one function, which lets through what the function's role allows. */
export async function startGuard(options: GuardOptions): Promise<Listening> {
  const guard = new Guard(options);
  const server = createServer({ keepAliveTimeout: IDLE_MILLISECONDS }, (incoming, outgoing) => {
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
    const body = service.judgesBody(incoming) ? await buffer(incoming) : undefined;
    const call = this.#judge(incoming, body?.toString() ?? "");
    if (typeof call === "string") return await this.#deny(incoming, outgoing, call);
    this.#options.stats.called(call.kind);
    const answer = await forward(body === undefined ? incoming : replay(incoming, body), target);
    if (service.hides(call, answer.statusCode ?? 0, statements)) {
      answer.resume();
      this.#complain(`${call.kind} of what does not exist, by one who may not list: 403`);
      return service.refuse(outgoing, "s3:ListBucket");
    }
    await passOn(answer, outgoing);
  }

  /** @returns what is missing, when something is */
  #judge({ method = "", url = "", headers }: IncomingMessage, body: string): AwsCall | string {
    try {
      const call = this.#options.service.call({ method, url, headers, body });
      const missing = call.needs.find((access) => !isAllowed(this.#options.statements, access));
      if (missing !== undefined) return `${missing.action} on ${missing.resource}`;
      return call.needs.length === 0 ? `${call.kind} of nothing` : call;
    } catch (error) {
      if (error instanceof UnknownCallError || error instanceof SyntaxError)
        return `unknown: ${error.message}`;
      throw error;
    }
  }

  async #deny(incoming: IncomingMessage, outgoing: ServerResponse, missing: string): Promise<void> {
    this.#complain(`may not ${missing}`);
    this.#options.stats.denied.push(missing);
    for await (const _ of incoming);
    this.#options.service.refuse(outgoing, missing);
  }

  #complain(problem: string): void {
    this.#options.complain(`${this.#options.name}: ${problem}`);
  }
}

/** The same request, whose body has been read already. */
function replay({ method, url, rawHeaders }: IncomingMessage, body: Buffer): Forwardable {
  return Object.assign(Readable.from([body]), { method, url, rawHeaders, complete: true });
}
