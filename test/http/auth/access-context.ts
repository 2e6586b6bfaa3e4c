import { addAccount } from "../../../lib/auth/accounts/manage-accounts.ts";
import { grant } from "../../../lib/auth/grants/manage-grants.ts";
import { createApp } from "../../../lib/http/app.ts";
import { type AccessControlOptions, createAccessControl } from "../../../lib/http/auth/access-control.ts";
import type { App, HttpResponse } from "../../../lib/http/message.ts";
import type { LogLine } from "../../../lib/http/middleware/log.ts";
import { requestedHost } from "../../../lib/http/public-host.ts";
import { bodyOf, collect } from "../../../lib/ports/body.ts";
import type { Call } from "../../support/interceptor.ts";
import {
  clocksOf,
  createMemoryRegistry,
  type MemoryRegistry,
  withInterceptor,
} from "../../support/memory.ts";

export const HOST = "registry.example.com";

/** The header that sets the audience of the context, in place of a configured public URL. */
export const AUDIENCE_HEADER = "x-test-audience";

export interface Sent {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
}

export interface SendOptions {
  readonly authorization?: string | undefined;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
}

/** A registry in memory with access control and a manual clock. */
export class AccessContext {
  readonly memory: MemoryRegistry;
  readonly lines: LogLine[] = [];
  readonly defects: unknown[] = [];
  readonly calls: Call[] = [];
  readonly app: App;

  readonly #federated: AccessControlOptions["federated"];
  readonly #requiresIdentity: NonNullable<AccessControlOptions["requiresIdentity"]>;

  constructor(
    memory = createMemoryRegistry(),
    federated?: AccessControlOptions["federated"],
    requiresIdentity: AccessControlOptions["requiresIdentity"] = () => false,
  ) {
    this.memory = memory;
    this.#federated = federated;
    this.#requiresIdentity = requiresIdentity;
    this.app = this.newApp();
  }

  /** Creates another process on the same records. */
  newApp(): App {
    const registry = withInterceptor(this.memory.registry, async (call, run) => {
      this.calls.push(call);
      return await run();
    });
    const onDefect = (error: unknown) => void this.defects.push(error);
    const control = createAccessControl({
      ...{ records: registry.records, onDefect, ...clocksOf(this.memory.clock) },
      hostOf: requestedHost("https"),
      audienceOf: ({ headers }) => headers[AUDIENCE_HEADER],
      tokenLifetime: 300,
      openUntilConfigured: true,
      requiresIdentity: this.#requiresIdentity,
      log: (line) => void this.lines.push(line),
      ...(this.#federated === undefined ? {} : { federated: this.#federated }),
    });
    return control.withTokens(createApp(registry, { onDefect, admit: control.admit, guard: control.guard }));
  }

  async addUser(
    name: string,
    options: { groups?: readonly string[]; expires?: number } = {},
  ): Promise<string> {
    const { groups = [], expires } = options;
    const now = this.memory.clock.now();
    const { secret } = await addAccount(this.memory.records, "user", name, { groups, expires }, now);
    this.settle();
    return secret;
  }

  async grant(grantee: string, pattern: string, actions: string): Promise<void> {
    await grant(this.memory.records, grantee, pattern, actions);
    this.settle();
  }

  /** Advances the clock until changes of the configuration are effective. */
  settle(): void {
    this.memory.clock.advance(3);
  }

  async send(method: string, target: string, options: SendOptions = {}, app = this.app): Promise<Sent> {
    const [path = "", query = ""] = target.split("?");
    const { authorization, headers = {}, body } = options;
    const response = await app({
      ...{ method, path, query, client: "192.0.2.7" },
      headers: {
        host: HOST,
        ...(authorization === undefined ? {} : { authorization }),
        ...(body === undefined ? {} : { "content-length": String(Buffer.byteLength(body)) }),
        ...headers,
      },
      body: body === undefined ? undefined : bodyOf(Buffer.from(body)),
    });
    return { status: response.status, headers: response.headers, text: await textOf(response) };
  }

  /** Requests a token for the scopes with GET. */
  async token(username: string, secret: string, ...scopes: readonly string[]): Promise<string> {
    const query = scopes.map((scope) => `scope=${encodeURIComponent(scope)}`).join("&");
    const authorization = secret === "" ? undefined : basic(username, secret);
    const { status, text } = await this.send("GET", `/token?${query}`, { authorization });
    if (status !== 200) throw new Error(`no token: ${status} ${text}`);
    return JSON.parse(text).token;
  }

  async post(fields: Readonly<Record<string, string>>, headers = {}): Promise<Sent> {
    const type = { "content-type": "application/x-www-form-urlencoded" };
    return await this.send("POST", "/token", {
      headers: { ...type, ...headers },
      body: new URLSearchParams(fields).toString(),
    });
  }
}

async function textOf({ body }: HttpResponse): Promise<string> {
  if (body === undefined) return "";
  const isStream = typeof body === "object" && Symbol.asyncIterator in body;
  return Buffer.from(isStream ? await collect(body) : body).toString();
}

export function basic(username: string, password: string): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}`;
}

export function bearer(token: string): string {
  return `Bearer ${token}`;
}
