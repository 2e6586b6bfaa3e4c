import { join } from "node:path";
import type { Options } from "../options.ts";
import type { Report } from "../report.ts";
import { type StartedServer, startSoakServer } from "../servers.ts";
import { createFolderSite, type Site } from "../sites.ts";
import { pushDifferentImages, pushSameImage } from "./races.ts";
import { runRandomRequests } from "./random-requests.ts";

/** Verifies that concurrent clients of the same content get the results that they were sent, and leave a consistent registry. */
export async function runConcurrent(report: Report, options: Options): Promise<void> {
  const rounds = options.quick ? 10 : 100;
  const seconds = options.quick ? 8 : 60;
  const crashes = options.quick ? 3 : 20;
  const folder = join(options.folder, "concurrent");
  await report.case(`concurrent: ten clients push the same image to the same tag, ${rounds} times`, () => {
    return onServer(folder, (server) => pushSameImage(server, rounds, options.seed));
  });
  await report.case(`concurrent: ten clients push ten images to the same tag, ${rounds} times`, () => {
    return onServer(folder, (server) => pushDifferentImages(server, rounds, options.seed));
  });
  await report.case(`concurrent: random pushes, deletions, mounts and retags for ${seconds} s`, () => {
    return onServer(folder, (server, site) =>
      runRandomRequests(server, site, { seconds, crashes: 0, seed: options.seed }),
    );
  });
  await report.case(`concurrent: random requests with ${crashes} kills`, () => {
    return onServer(folder, (server, site) =>
      runRandomRequests(server, site, { seconds: 1, crashes, seed: options.seed }),
    );
  });
}

async function onServer(
  folder: string,
  run: (server: StartedServer, site: Site) => Promise<string>,
): Promise<string> {
  const site = await createFolderSite(folder);
  const server = await startSoakServer(site.data);
  try {
    return await run(server, site);
  } finally {
    await server.stop();
    await site.clear();
  }
}
