import { globalAgent } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { Random } from "../../../local-cloud/support/random.ts";
import { check, settle } from "../check.ts";
import { blobFiles, fileSize, lookInside, wrongFiles } from "../data-folder.ts";
import { inMib, median, stagedFiles, within } from "../figures.ts";
import { requireNone } from "../report.ts";
import { type Started, start } from "../servers.ts";
import type { Site } from "../sites.ts";
import { UnexpectedAnswerError } from "../support/client.ts";
import { Journal } from "../support/journal.ts";
import { type Job, Jobs, makeLayers, perform } from "../support/pushers.ts";

const PUSHER_COUNT = 4;

/** Parameters of a crash test. */
export interface Plan {
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
export async function crashAgainAndAgain(site: Site, plan: Plan): Promise<string> {
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
  return `${restarts}; ${pushes}; ${inMib(checkedBytes)} checked; ${leftovers}`;
}

async function useFolder(site: Site, plan: Plan, tally: Tally): Promise<void> {
  const journal = new Journal();
  const random = new Random(plan.seed);
  const layers = makeLayers(plan.seed, plan.large);
  const jobs = Array.from({ length: PUSHER_COUNT }, (_, index) => {
    return new Jobs(new Random(`${plan.seed}/${index}`), layers, `${plan.seed}/${index}`);
  });
  let interrupted: readonly Job[] = [];
  for (let crash = 0; crash <= plan.crashes; crash++) {
    const server = await start(site.data);
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

async function verify(server: Started, journal: Journal, point: string, tally: Tally): Promise<void> {
  const served = await check(server.url, journal);
  tally.checkedBytes += served.bytes;
  tally.problems.push(...served.problems.map((problem) => `${point}: ${problem}`));
  const orphaned = (await stagedFiles(server.data)).filter(({ name }) => name.startsWith("put-"));
  if (orphaned.length > 0) tally.problems.push(`${point}: ${orphaned.length} files of interrupted requests`);
  const unread = (await blobFiles(server.data)).filter((digest) => !served.digests.has(digest));
  for (const digest of await wrongFiles(server.data, unread)) {
    tally.problems.push(`${point}: the bytes of the file do not match ${digest}`);
  }
  for (const { content } of journal.blobs.values()) {
    if (!served.digests.has(content.digest)) continue;
    const size = await fileSize(server.data, content.digest);
    if (size !== content.size)
      tally.problems.push(`${point}: the file of ${content.digest} has ${size} bytes`);
  }
  await settle(served, journal);
}

async function repeat(server: Started, job: Job, journal: Journal, tally: Tally): Promise<void> {
  tally.interrupted++;
  await perform(server.url, job, journal).catch((error: unknown) => {
    tally.problems.push(`an interrupted push failed again: ${error}`);
  });
}

/** @returns the pushes that the crash interrupted */
async function pushUntilCrash(
  site: Site,
  server: Started,
  jobs: readonly Jobs[],
  journal: Journal,
  milliseconds: number,
  tally: Tally,
): Promise<readonly Job[]> {
  let crashed = false;
  const interrupted: Job[] = [];
  const pushers = jobs.map(async (queue) => {
    while (!crashed) {
      const job = queue.next();
      try {
        await perform(server.url, job, journal);
        tally.completed++;
      } catch (error) {
        interrupted.push(job);
        if (!crashed || error instanceof UnexpectedAnswerError)
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
  tally.staged += (await stagedFiles(data)).length;
  const tomorrow = await start(data, { hoursAhead: 25 });
  const isSwept = await within(10_000, async () => (await stagedFiles(data)).length === 0);
  if (!isSwept) tally.problems.push(`after a day ${(await stagedFiles(data)).length} staged files are left`);
  tally.problems.push(...(await check(tomorrow.url, journal)).problems);
  await tomorrow.stop();
  const repositories = new Set([...journal.blobs.values()].map(({ repository }) => repository));
  const inside = await lookInside(data, repositories);
  tally.unlinked += inside.unlinked.length;
  if (inside.sessions.length > 0)
    tally.problems.push(`${inside.sessions.length} records of sessions are left`);
}
