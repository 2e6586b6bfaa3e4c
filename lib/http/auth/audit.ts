import type { AccessChange } from "../../auth/access-changes.ts";
import { containsSecret } from "../../auth/accounts/secrets.ts";
import type { HttpRequest, HttpResponse } from "../message.ts";
import type { LogLine } from "../middleware/log.ts";
import type { Route } from "../routes.ts";
import { parseAuthorization } from "./authorization.ts";
import type { Caller } from "./caller.ts";
import { ChallengeError, DeniedError } from "./challenge.ts";

/** The log and the clock of an `Audit`. */
export interface AuditOptions {
  readonly log: (line: LogLine) => void;
  now(): Date;
}

/** Maximum length of a value in a line. Longer values are cut, since clients choose them; JSON escapes control characters. */
const MAX_VALUE_LENGTH = 512;

/** Maximum length of a username in a line. Tokens from OIDC issuers are longer, and must not be logged. */
const MAX_NAME_LENGTH = 128;

/** The audit log: a line for each change, authentication and denial, with identity, client and grant. It contains no secrets. */
export class Audit {
  readonly #options: AuditOptions;

  constructor(options: AuditOptions) {
    this.#options = options;
  }

  /** Logs a successful change, and each tag that it set. */
  logChange(
    request: HttpRequest,
    route: Route,
    { name, grant: rule }: Pick<Caller, "name" | "grant">,
    response: HttpResponse,
  ): void {
    const event = eventOf(request, route, response);
    if (event === undefined) return;
    const digest = response.headers["docker-content-digest"];
    const common = { who: name, rule, repository: route.name };
    this.#write(event, request, { ...common, ...targetOf(event, request, route), digest });
    if (event === "push") {
      for (const tag of tagsOf(route, response))
        this.#write("tag", request, { ...common, reference: tag, digest });
    }
  }

  /** Logs a denied request. A challenge to a client without credentials is not logged. */
  logDenial(request: HttpRequest, route: Route, error: unknown): void {
    const target = { repository: route.name, reference: route.argument, method: request.method };
    if (error instanceof DeniedError) {
      this.#write("denied", request, { who: error.identityName, ...target });
    } else if (error instanceof ChallengeError && error.cause instanceof Error) {
      const authorization = parseAuthorization(request);
      const name = authorization.scheme === "basic" ? nameOf(authorization.username) : "";
      this.#write("denied", request, { name, ...target, reason: error.cause.message });
    }
  }

  /** Logs a successful authentication at the token endpoint: the identity, the OAuth grant type and the scopes. */
  logSignIn(request: HttpRequest, name: string, grantType: string, scopes: string): void {
    this.#write("login", request, { who: name, how: grantType, scopes });
  }

  /** Logs rejected credentials: the name as the client sent it, and the reason that the client does not receive. */
  logRefusedCredentials(request: HttpRequest, username: string, reason: string): void {
    this.#write("login failed", request, { name: nameOf(username), reason });
  }

  /** Logs changes that other processes have made to the access configuration. */
  logAccessChanges(changes: readonly AccessChange[]): void {
    for (const change of changes) this.#writeLine({ event: "access", ...change });
  }

  #write(event: string, { headers, client }: HttpRequest, fields: LogLine): void {
    this.#writeLine({ event, from: client, forwarded: headers["x-forwarded-for"], ...fields });
  }

  #writeLine(line: LogLine): void {
    this.#options.log({ time: this.#options.now().toISOString(), ...cutLongValues(line) });
  }
}

function eventOf(
  { method, query }: HttpRequest,
  { resource }: Route,
  { status }: HttpResponse,
): string | undefined {
  if (resource === "manifest" && method === "PUT" && status === 201) return "push";
  if (resource === "upload" && status === 201) return "upload";
  if (resource === "uploads" && status === 201)
    return new URLSearchParams(query).has("digest") ? "upload" : "mount";
  const isDeletion = method === "DELETE" && status === 202;
  return isDeletion && (resource === "manifest" || resource === "blob") ? "delete" : undefined;
}

/** Returns the target of a change beyond repository and digest. Upload session ids are omitted, since they are transient. */
function targetOf(event: string, { query }: HttpRequest, { argument }: Route): LogLine {
  if (event === "upload") return {};
  return event === "mount"
    ? { source: new URLSearchParams(query).get("from") ?? "" }
    : { reference: argument };
}

function tagsOf(route: Route, { headers }: HttpResponse): readonly string[] {
  if (!route.argument.includes(":")) return [route.argument];
  return headers["oci-tag"]?.split(", ") ?? [];
}

/** Returns a name that a client sent, unless it may be, or contain, a secret in the wrong field. */
function nameOf(username: string): string {
  return username.length > MAX_NAME_LENGTH || containsSecret(username) ? "withheld" : username;
}

function cutLongValues(line: LogLine): LogLine {
  return Object.fromEntries(
    Object.entries(line)
      .filter(([, value]) => value !== undefined && value !== "")
      .map(([name, value]) => [name, typeof value === "string" ? value.slice(0, MAX_VALUE_LENGTH) : value]),
  );
}
