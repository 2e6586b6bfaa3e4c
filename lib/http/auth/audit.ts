import type { HttpRequest, HttpResponse } from "../message.ts";
import type { LogLine } from "../middleware/log.ts";
import type { Route } from "../routes.ts";
import type { Caller } from "./caller.ts";
import { ChallengeError, DeniedError } from "./challenge.ts";

/** The log and the clock of an `Audit`. */
export interface AuditOptions {
  readonly log: (line: LogLine) => void;
  now(): Date;
}

/** The longest value in a line. Longer ones are cut, since they come from clients; JSON escapes control characters. */
const MAX_VALUE_LENGTH = 512;

/** The audit log: one line for each change, authentication and refusal, with the identity, the client and the grant. Never a secret. */
export class Audit {
  readonly #options: AuditOptions;

  constructor(options: AuditOptions) {
    this.#options = options;
  }

  /** Logs a successful change, and each tag that it set. */
  logChange(request: HttpRequest, route: Route, { name, grant: rule }: Caller, response: HttpResponse): void {
    const event = eventOf(request, route, response);
    if (event === undefined) return;
    const digest = response.headers["docker-content-digest"];
    const reference = route.argument;
    const common = { who: name, rule, repository: route.name };
    this.#write(event, request, { ...common, reference, digest });
    if (event === "push") {
      for (const tag of tagsOf(route, response))
        this.#write("tag", request, { ...common, reference: tag, digest });
    }
  }

  /** Logs a denied request. A challenge to a client without credentials is not logged. */
  logDenial({ method, ...request }: HttpRequest, route: Route, error: unknown): void {
    const target = { repository: route.name, reference: route.argument, method };
    if (error instanceof DeniedError) {
      this.#write("denied", { method, ...request }, { who: error.identityName, ...target });
    } else if (error instanceof ChallengeError && error.cause instanceof Error) {
      this.#write("denied", { method, ...request }, { ...target, reason: error.cause.message });
    }
  }

  /** Logs a successful authentication at the token endpoint: the identity, the OAuth grant type and the scopes. */
  logSignIn(request: HttpRequest, name: string, grantType: string, scopes: string): void {
    this.#write("login", request, { who: name, how: grantType, scopes });
  }

  /** Logs rejected credentials, with the reason that clients do not receive. */
  logRefusedCredentials(request: HttpRequest, reason: string): void {
    this.#write("login refused", request, { reason });
  }

  #write(event: string, { headers, client }: HttpRequest, fields: LogLine): void {
    const forwarded = headers["x-forwarded-for"];
    const line = { event, from: client, forwarded, ...fields };
    this.#options.log({ time: this.#options.now().toISOString(), ...cutLongValues(line) });
  }
}

function eventOf({ method }: HttpRequest, { resource }: Route, { status }: HttpResponse): string | undefined {
  if (resource === "manifest" && method === "PUT" && status === 201) return "push";
  const isDeletion = method === "DELETE" && status === 202;
  return isDeletion && (resource === "manifest" || resource === "blob") ? "delete" : undefined;
}

function tagsOf(route: Route, { headers }: HttpResponse): readonly string[] {
  if (!route.argument.includes(":")) return [route.argument];
  return headers["oci-tag"]?.split(", ") ?? [];
}

function cutLongValues(line: LogLine): LogLine {
  return Object.fromEntries(
    Object.entries(line)
      .filter(([, value]) => value !== undefined && value !== "")
      .map(([name, value]) => [name, typeof value === "string" ? value.slice(0, MAX_VALUE_LENGTH) : value]),
  );
}
