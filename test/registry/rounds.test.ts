import { beforeEach, describe, expect, it } from "vitest";
import { bodyOf as bodyFrom } from "../../lib/ports/body.ts";
import { mountBlob } from "../../lib/registry/blobs.ts";
import { finishUpload } from "../../lib/registry/finish-upload.ts";
import type { RegistryContext } from "../../lib/registry/registry-context.ts";
import { appendChunk, startUpload } from "../../lib/registry/uploads.ts";
import { blob, image } from "../support/content.ts";
import { createMemoryRegistry, type MemoryRegistry } from "../support/memory.ts";
import { Repository } from "../support/repository.ts";
import { roundsOf } from "./rounds.ts";

const LAYER = blob("a layer");
let memory: MemoryRegistry;
let repository: Repository;

beforeEach(() => {
  memory = createMemoryRegistry();
  repository = new Repository(memory.registry, "library/image");
});

const chunk = () => ({ body: bodyFrom(LAYER.bytes), range: undefined });

describe("sequential round trips", () => {
  it("of a POST: one write of the session record", async () => {
    const rounds = await roundsOf(memory.registry, (registry) => startUpload(registry, repository.name));
    expect(rounds).toEqual([["uploads.begin"], ["records.write"]]);
  });

  it("of a PUT with a whole blob: the link is written while the session record is deleted", async () => {
    const { id } = await startUpload(memory.registry, repository.name);
    const rounds = await roundsOf(memory.registry, (registry) =>
      finishUpload(registry, repository.name, id, LAYER.digest, chunk()),
    );
    expect(rounds).toEqual([
      ["records.get"],
      ["blobs.put"],
      ["records.write", "records.write"],
      ["uploads.discard"],
    ]);
  });

  it.each<[string, Partial<RegistryContext>, readonly string[][]]>([
    ["deletes the staged bytes before it responds", {}, [["uploads.discard"]]],
    [
      "does not wait for that deletion in a process that outlives the response",
      { outlivesResponses: true },
      [],
    ],
  ])("of a PUT that closes a session: %s", async (_, options, last) => {
    const { id } = await startUpload(memory.registry, repository.name);
    await appendChunk(memory.registry, repository.name, id, chunk());
    const rounds = await roundsOf({ ...memory.registry, ...options }, (registry) =>
      finishUpload(registry, repository.name, id, LAYER.digest, undefined),
    );
    expect(rounds).toEqual([["records.get"], ["uploads.commit"], ["records.write"], ...last]);
  });

  it("of a new manifest: three reads, of which the last follows the write of its dependencies", async () => {
    await repository.upload(LAYER);
    const content = image({ config: LAYER });
    const rounds = await roundsOf(memory.registry, (registry) =>
      new Repository(registry, "library/image").push(content, { tags: ["a", "b"] }),
    );
    expect(rounds).toEqual([
      ["records.get", "records.getMany"],
      ["records.get", "records.get", "records.getMany"],
      ["records.write"],
      ["records.getMany"],
      ["records.write"],
    ]);
  });

  it("of a mount: one read of the source's link, and one write", async () => {
    await new Repository(memory.registry, "library/base").upload(LAYER);
    const base = new Repository(memory.registry, "library/base").name;
    const rounds = await roundsOf(memory.registry, (registry) =>
      mountBlob(registry, repository.name, LAYER.digest, base),
    );
    expect(rounds).toEqual([["records.get"], ["records.write"]]);
  });
});
