import { globalAgent } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { Random } from "../../../local-cloud/support/random.ts";
import { check, settle } from "../check.ts";
import { findCorruptFiles, listBlobFiles, listDataFolder, readBlobFileSize } from "../data-folder.ts";
import { formatMib, listStagedFiles, median, waitUntil } from "../figures.ts";
import { requireNone } from "../report.ts";
import { type StartedServer, startSoakServer } from "../servers.ts";
import type { Site } from "../sites.ts";
import { UnexpectedStatusError } from "../support/client.ts";
import { Journal } from "../support/journal.ts";
import { createLayers, type PushJob, PushJobGenerator, performPush } from "../support/pushers.ts";

const PUSHER_COUNT = 4;

/** Parameters of a crash test. */
export interface CrashPlan {
  readonly crashes: number;
  /** Number of crashes after which a new data folder is used, which bounds the content to check after each crash. */
  readonly perFolder: number;
  readonly seed: string;
  /** Number of large layers, and their size in bytes. */
  readonly large: { readonly count: number; readonly size: number };
}

interface Tally {
  readonly starts: number[];
  readonly problems: string[];
  interrupted: number;
  completed: number;
  checkedBytes: number;
  unlinked: number;
  staged: number;
}

/** Crashes a server repeatedly while clients push, and verifies its content after each restart. @returns figures */
export async function runCrashes(site: Site, plan: CrashPlan): Promise<string> {
  const tally: Tally = {
    starts: [],
    problems: [],
    interrupted: 0,
    completed: 0,
    checkedBytes: 0,
    unlinked: 0,
    staged: 0,
  };
  for (let done = 0; done < plan.crashes; done += plan.perFolder) {
    const crashes = Math.min(plan.perFolder, plan.crashes - done);
    await useFolder(site, { ...plan, crashes, seed: `${plan.seed}/${done}` }, tally);
    if (tally.problems.length > 0) break;
    await site.clear();
  }
  return requireNone(tally.problems, describe(tally));
}

function describe({ starts, completed, interrupted, checkedBytes, unlinked, staged }: Tally): string {
  const restarts = `restart ${median(starts).toFixed(0)} ms (median), ${Math.max(...starts).toFixed(0)} ms (worst)`;
  const pushes = `${completed} pushes done, ${interrupted} interrupted and repeated`;
  const leftovers = `${staged} session files swept, ${unlinked} blob files without a link at the end`;
  return `${restarts}; ${pushes}; ${formatMib(checkedBytes)} checked; ${leftovers}`;
}

async function useFolder(site: Site, plan: CrashPlan, tally: Tally): Promise<void> {
  const journal = new Journal();
  const random = new Random(plan.seed);
  const layers = createLayers(plan.seed, plan.large);
  const jobs = Array.from({ length: PUSHER_COUNT }, (_, index) => {
    return new PushJobGenerator(new Random(`${plan.seed}/${index}`), layers, `${plan.seed}/${index}`);
  });
  let interrupted: readonly PushJob[] = [];
  for (let crash = 0; crash <= plan.crashes; crash++) {
    const server = await startSoakServer(site.data);
    if (crash > 0) tally.starts.push(server.startMs);
    await verify(server, journal, `${plan.seed}, crash ${crash}`, tally);
    for (const job of interrupted) await repeat(server, job, journal, tally);
    if (tally.problems.length > 0 || crash === plan.crashes) {
      await server.stop();
      return await sweepAll(server.data, journal, tally);
    }
    interrupted = await pushUntilCrash(site, server, jobs, journal, random.between(10, 900), tally);
  }
}

async function verify(server: StartedServer, journal: Journal, point: string, tally: Tally): Promise<void> {
  const served = await check(server.url, journal);
  tally.checkedBytes += served.bytes;
  tally.problems.push(...served.problems.map((problem) => `${point}: ${problem}`));
  const orphaned = (await listStagedFiles(server.data)).filter(({ name }) => name.startsWith("put-"));
  if (orphaned.length > 0)
    tally.problems.push(`${point}: ${orphaned.length} staged files of interrupted requests remain`);
  const unread = (await listBlobFiles(server.data)).filter((digest) => !served.digests.has(digest));
  for (const digest of await findCorruptFiles(server.data, unread)) {
    tally.problems.push(`${point}: the bytes of the file do not match ${digest}`);
  }
  for (const { content } of journal.blobs.values()) {
    if (!served.digests.has(content.digest)) continue;
    const size = await readBlobFileSize(server.data, content.digest);
    if (size !== content.size)
      tally.problems.push(`${point}: the file of ${content.digest} has ${size} bytes`);
  }
  await settle(served, journal);
}

async function repeat(server: StartedServer, job: PushJob, journal: Journal, tally: Tally): Promise<void> {
  tally.interrupted++;
  await performPush(server.url, job, journal).catch((error: unknown) => {
    tally.problems.push(`an interrupted push failed again: ${error}`);
  });
}

/** @returns the pushes that the crash interrupted */
async function pushUntilCrash(
  site: Site,
  server: StartedServer,
  jobs: readonly PushJobGenerator[],
  journal: Journal,
  milliseconds: number,
  tally: Tally,
): Promise<readonly PushJob[]> {
  let crashed = false;
  const interrupted: PushJob[] = [];
  const pushers = jobs.map(async (queue) => {
    while (!crashed) {
      const job = queue.next();
      try {
        await performPush(server.url, job, journal);
        tally.completed++;
      } catch (error) {
        interrupted.push(job);
        if (!crashed || error instanceof UnexpectedStatusError)
          tally.problems.push(`a push failed: ${error}`);
        return;
      }
    }
  });
  await sleep(milliseconds);
  crashed = true;
  await site.crash(server);
  await Promise.all(pushers);
  globalAgent.destroy();
  return interrupted;
}

/** Verifies that a server sweeps the files and records of unfinished uploads after a day, and keeps all other content. */
async function sweepAll(data: string, journal: Journal, tally: Tally): Promise<void> {
  tally.staged += (await listStagedFiles(data)).length;
  const tomorrow = await startSoakServer(data, { hoursAhead: 25 });
  const isSwept = await waitUntil(10_000, async () => (await listStagedFiles(data)).length === 0);
  if (!isSwept)
    tally.problems.push(`after a day ${(await listStagedFiles(data)).length} staged files are left`);
  tally.problems.push(...(await check(tomorrow.url, journal)).problems);
  await tomorrow.stop();
  const repositories = new Set([...journal.blobs.values()].map(({ repository }) => repository));
  const inside = await listDataFolder(data, repositories);
  tally.unlinked += inside.unlinked.length;
  if (inside.sessions.length > 0)
    tally.problems.push(`${inside.sessions.length} records of sessions are left`);
}
