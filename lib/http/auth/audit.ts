import type { HttpRequest, HttpResponse } from "../message.ts";
import type { LogLine } from "../middleware/log.ts";
import type { Route } from "../routes.ts";
import type { Caller } from "./caller.ts";
import { ChallengeError, DeniedError } from "./challenge.ts";

export interface AuditOptions {
  readonly log: (line: LogLine) => void;
  now(): Date;
}

/** Longest text of a line. What somebody sends is cut, and JSON leaves no control character in it. */
const MAX_LENGTH = 512;

/** One line for each change, sign-in and refusal: who, what, from where, and by which rule. Never a secret. */
export class Audit {
  readonly #options: AuditOptions;

  constructor(options: AuditOptions) {
    this.#options = options;
  }

  answered(request: HttpRequest, route: Route, { name, rule }: Caller, response: HttpResponse): void {
    const event = eventOf(request, route, response);
    if (event === undefined) return;
    const digest = response.headers["docker-content-digest"];
    const reference = route.argument;
    const of = { who: name, rule, repository: route.name };
    this.#write(event, request, { ...of, reference, digest });
    if (event === "push") {
      for (const tag of tagsOf(route, response))
        this.#write("tag", request, { ...of, reference: tag, digest });
    }
  }

  /** Who is only sent to get a token has not been denied anything yet. */
  denied({ method, ...request }: HttpRequest, route: Route, error: unknown): void {
    const on = { repository: route.name, reference: route.argument, method };
    if (error instanceof DeniedError) {
      this.#write("denied", { method, ...request }, { who: error.who, ...on });
    } else if (error instanceof ChallengeError && error.cause instanceof Error) {
      this.#write("denied", { method, ...request }, { ...on, reason: error.cause.message });
    }
  }

  signedIn(request: HttpRequest, who: string, how: string, scopes: string): void {
    this.#write("login", request, { who, how, scopes });
  }

  refused(request: HttpRequest, reason: string): void {
    this.#write("login refused", request, { reason });
  }

  #write(event: string, { headers, client }: HttpRequest, fields: LogLine): void {
    const forwarded = headers["x-forwarded-for"];
    const line = { event, from: client, forwarded, ...fields };
    this.#options.log({ time: this.#options.now().toISOString(), ...bounded(line) });
  }
}

function eventOf({ method }: HttpRequest, { resource }: Route, { status }: HttpResponse): string | undefined {
  if (resource === "manifest" && method === "PUT" && status === 201) return "push";
  const isRemoval = method === "DELETE" && status === 202;
  return isRemoval && (resource === "manifest" || resource === "blob") ? "delete" : undefined;
}

function tagsOf(route: Route, { headers }: HttpResponse): readonly string[] {
  if (!route.argument.includes(":")) return [route.argument];
  return headers["oci-tag"]?.split(", ") ?? [];
}

function bounded(line: LogLine): LogLine {
  return Object.fromEntries(
    Object.entries(line)
      .filter(([, value]) => value !== undefined && value !== "")
      .map(([name, value]) => [name, typeof value === "string" ? value.slice(0, MAX_LENGTH) : value]),
  );
}
