import { MODULES } from "./modules.ts";
import { readModule } from "./mutants.ts";
import { Session } from "./session.ts";
import type { Request } from "./worker.ts";

/** A process that runs tests of one module until its parent disconnects: `child.ts MODULE record|mutate`. */
const [name, mode] = process.argv.slice(2);
const module = MODULES.find((module) => module.name === name);
if (module === undefined || process.send === undefined) throw new Error("child.ts must be started by run.ts");
const { files } = await readModule(module);
const session = await Session.open(module, files, mode === "record");

process.on("message", (request: Request) => {
  handle(request).then(
    (value) => process.send?.({ value }),
    (error: unknown) => process.send?.({ error: error instanceof Error ? error.stack : String(error) }),
  );
});
process.on("disconnect", () => process.exit());
process.send({ value: "ready" });

async function handle(request: Request): Promise<unknown> {
  switch (request.kind) {
    case "list":
      return await session.listTests(files);
    case "cover":
      return await session.cover(request.file);
    case "run":
      return await withCpuLimit(request.limitMilliseconds, async () => {
        return { failure: await session.run(request.active, request.selections) };
      });
  }
}

/** Runs work, and ends the process at a limit of processor time: the tests run in another thread, which may never yield. */
async function withCpuLimit<T>(milliseconds: number, work: () => Promise<T>): Promise<T> {
  const start = process.cpuUsage();
  const timer = setInterval(() => {
    const { user, system } = process.cpuUsage(start);
    if ((user + system) / 1000 > milliseconds) process.exit();
  }, 200);
  try {
    return await work();
  } finally {
    clearInterval(timer);
  }
}
