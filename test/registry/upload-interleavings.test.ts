import fc from "fast-check";
import { describe, it } from "vitest";
import { OciError } from "../../lib/oci/errors.ts";
import { finishUpload } from "../../lib/registry/finish-upload.ts";
import { uploadKey } from "../../lib/registry/records.ts";
import type { RegistryContext } from "../../lib/registry/registry-context.ts";
import { appendChunk, cancelUpload, startUpload } from "../../lib/registry/uploads.ts";
import { bodyOf, collect, digestOf } from "../support/content.ts";
import type { Actor } from "../support/interleaving/schedule.ts";
import { type Choice, interleave } from "../support/interleaving/schedule.ts";
import { createMemoryRegistry, type MemoryRegistry, withInterceptor } from "../support/memory.ts";
import { Repository } from "../support/repository.ts";

/** A request on one session. A closing request names the text that the client expects the session to contain. */
type Request =
  | { readonly kind: "append"; readonly at: number | undefined; readonly text: string }
  | { readonly kind: "finish"; readonly text: string }
  | { readonly kind: "cancel" };

interface ObservedRequest {
  readonly request: Request;
  /** "done", an error's code, or undefined when no client received the response. */
  readonly response: string | undefined;
}

/** The session's bytes, or undefined when it has ended. */
type Session = string | undefined;

const numRuns = Number(process.env["INTERLEAVINGS"] ?? 600);

describe("concurrent requests on one upload session that are killed at any point", () => {
  it("store only bytes with the digest of the blob, and lose no accepted chunk", {
    timeout: 60 * numRuns,
  }, async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(requests, { minLength: 2, maxLength: 3 }), choices, async (some, order) => {
        const world = createMemoryRegistry();
        const repository = new Repository(world.registry, "r");
        const { id } = await startUpload(world.registry, repository.name);
        await perform(world.registry, repository, id, { kind: "append", at: 0, text: "ab" });
        const { observed, trace } = await run(world, repository, id, some, order);
        await expectTruth(world, repository, id, observed, trace);
      }),
      { numRuns },
    );
  });
});

async function run(
  world: MemoryRegistry,
  repository: Repository,
  id: string,
  some: readonly Request[],
  order: readonly Choice[],
): Promise<{ readonly observed: readonly ObservedRequest[]; readonly trace: readonly string[] }> {
  const actors = some.map((request): Actor<string> => {
    return (around) => perform(withInterceptor(world.registry, around), repository, id, request);
  });
  const { outcomes, trace } = await interleave(actors, order, {
    afterCall: (soFar) => expectBytes(world, repository, soFar),
  });
  const observed = some.map((request, index): ObservedRequest => {
    const outcome = outcomes[index];
    if (outcome?.status === "rejected")
      throw new Error(describeFailure(trace, `${request.kind} failed: ${outcome.reason}`));
    return { request, response: outcome?.status === "fulfilled" ? outcome.value : undefined };
  });
  return { observed, trace };
}

async function perform(
  registry: RegistryContext,
  { name }: Repository,
  id: string,
  request: Request,
): Promise<string> {
  try {
    if (request.kind === "cancel") await cancelUpload(registry, name, id);
    else if (request.kind === "finish")
      await finishUpload(registry, name, id, digestFor(request.text), undefined);
    else await appendChunk(registry, name, id, chunkOf(request.text, request.at));
    return "done";
  } catch (error) {
    if (error instanceof OciError) return [416, 429].includes(error.status) ? "conflict" : error.code;
    throw error;
  }
}

function chunkOf(text: string, first: number | undefined): Parameters<typeof appendChunk>[3] {
  const range = first === undefined ? undefined : { first, last: first + text.length - 1 };
  return { body: bodyOf(text), range };
}

function digestFor(text: string) {
  return digestOf(Buffer.from(text));
}

/** Asserts what holds at any moment: stored bytes have their digest, and linked blobs are stored. */
async function expectBytes(
  world: MemoryRegistry,
  repository: Repository,
  trace: readonly string[],
): Promise<void> {
  for (const text of TEXTS) {
    const stored = await world.blobs.get(digestFor(text));
    if (stored !== undefined && (await collect(stored)).toString() !== text)
      throw new Error(describeFailure(trace, `${text} is wrong`));
    const content = { digest: digestFor(text), bytes: Buffer.from(text), mediaType: "" };
    const size = await repository.sizeOf(content).catch(() => undefined);
    if (size !== undefined && (size !== text.length || stored === undefined))
      throw new Error(describeFailure(trace, `${text} is linked, but not stored`));
  }
}

/** Asserts what holds at the end: some order of the requests explains their responses and the session's bytes. */
async function expectTruth(
  world: MemoryRegistry,
  repository: Repository,
  id: string,
  observed: readonly ObservedRequest[],
  trace: readonly string[],
): Promise<void> {
  const record = await world.records.get(uploadKey(repository.name, id));
  const ends = [...new Set(endsOf("ab", observed))].filter((session) => session?.length === record?.size);
  const responses = observed
    .map(({ request, response }) => `${JSON.stringify(request)}: ${response ?? "killed"}`)
    .join("\n");
  if (ends.length === 0)
    throw new Error(
      describeFailure(trace, `${responses}\nno order explains a session of ${record?.size} bytes`),
    );
  // The bytes of a client that was killed while closing the session are in the blob: the client sends them again.
  const isMoved = observed.some(
    ({ request, response }) => request.kind === "finish" && response === undefined,
  );
  if (record === undefined || isMoved) return;
  const commits = ends.map((session) => world.blobs.commit(record.staged, digestFor(session ?? "")));
  const outcomes = await Promise.allSettled(commits);
  if (outcomes.some(({ status }) => status === "fulfilled")) return;
  throw new Error(describeFailure(trace, `${responses}\nthe session holds none of ${ends.join(", ")}`));
}

/** Returns the states that a session can have after requests with these responses, in any order. */
function endsOf(
  session: Session,
  observed: readonly ObservedRequest[],
  closed: readonly string[] = [],
): readonly Session[] {
  if (observed.length === 0) return [session];
  return observed.flatMap(({ request, response }, index) => {
    const isRepetition = session === undefined && request.kind === "finish" && closed.includes(request.text);
    const next =
      response === undefined ? afterKill(session, request) : after(session, request, response, isRepetition);
    const text = request.kind === "finish" && (response ?? "done") === "done" ? [request.text] : [];
    return next.flatMap((state) => endsOf(state, observed.toSpliced(index, 1), [...closed, ...text]));
  });
}

function afterKill(session: Session, request: Request): readonly Session[] {
  return request.kind === "append" ? [session, ...after(session, request, "done")] : [session, undefined];
}

/** Returns the states that can follow a request; none when its response is not possible. */
function after(
  session: Session,
  request: Request,
  response: string,
  isRepetition = false,
): readonly Session[] {
  if (response === "BLOB_UPLOAD_UNKNOWN") return session === undefined ? [session] : [];
  // A conflict with another request can always be reported; and two requests that end a session can both succeed.
  if (response === "conflict") return [session];
  if (request.kind === "cancel") return response === "done" ? [undefined] : [];
  if (request.kind === "append") return response === "done" ? appended(session, request) : [];
  // A repetition succeeds as well: another request has closed the session.
  if (response === "done")
    return isRepetition || session?.startsWith(request.text) === true ? [undefined] : [];
  // A closing request during a chunk can be answered for the bytes without the chunk, and end the session.
  return response === "DIGEST_INVALID" ? [undefined, session] : [];
}

function appended(session: Session, { at, text }: Extract<Request, { kind: "append" }>): readonly Session[] {
  return session !== undefined && (at ?? session.length) === session.length ? [session + text] : [];
}

function describeFailure(trace: readonly string[], wrong: string): string {
  return ["", wrong, ...trace].join("\n").replaceAll(/sha256:[0-9a-f]{60}/g, "…");
}

const CHUNKS = ["c", "de", "fghi"] as const;
/** The contents that a session can have: chunks in any order after the first two bytes. */
const TEXTS = textsAfter("ab", CHUNKS);

function textsAfter(text: string, chunks: readonly string[]): readonly string[] {
  return [text, ...chunks.flatMap((chunk, index) => textsAfter(text + chunk, chunks.toSpliced(index, 1)))];
}

const requests: fc.Arbitrary<Request> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant("append" as const),
      at: fc.constantFrom(2, undefined, 3),
      text: fc.constantFrom(...CHUNKS),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant("finish" as const),
      text: fc.constantFrom("ab", "abc", "abde"),
    }),
  },
  { weight: 1, arbitrary: fc.constant<Request>({ kind: "cancel" }) },
);

const choices: fc.Arbitrary<readonly Choice[]> = fc.array(
  fc.record({
    pick: fc.nat(2),
    calls: fc.integer({ min: 1, max: 4 }),
    crash: fc.oneof(
      { weight: 12, arbitrary: fc.constant(false) },
      { weight: 1, arbitrary: fc.constant(true) },
    ),
  }),
  { maxLength: 20, size: "max" },
);
