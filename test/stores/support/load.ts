import { setTimeout as sleep } from "node:timers/promises";
import { Random } from "../../../local-cloud/support/random.ts";
import { MIB } from "../../soak/figures.ts";
import {
  download,
  IncompleteResponseError,
  sendRequest,
  UnexpectedStatusError,
} from "../../soak/support/client.ts";
import type { Journal } from "../../soak/support/journal.ts";
import { createLayers, PushJobGenerator, performPush } from "../../soak/support/pushers.ts";

const PUSHERS = 6;
const PULLERS = 2;
/** Maximum number of attempts. Each gets further than the previous one, because stored blobs are not sent again. */
const MAX_ATTEMPTS = 25;

const MAX_DELAY = 1000;

/** Layers large enough for several parts of a multipart upload; a third of one is not. */
const LARGE = { count: 3, size: 9 * MIB };

/** Options for `putLoad`. */
export interface LoadOptions {
  readonly url: string;
  readonly journal: Journal;
  readonly seed: string;
  /** Period in which new pushes start. */
  readonly milliseconds: number;
}

/** Result of a load. */
export interface Load {
  readonly problems: readonly string[];
  readonly figures: string;
}

/** Pushes in all forms, moves tags and pulls; rejected or interrupted requests are retried. */
export async function runLoad({ url, journal, seed, milliseconds }: LoadOptions): Promise<Load> {
  const end = performance.now() + milliseconds;
  const tally = { problems: [] as string[], pushed: 0, again: 0, pulled: 0 };
  const layers = createLayers(seed, LARGE);
  const pushers = Array.from({ length: PUSHERS }, async (_, index) => {
    const random = new Random(`${seed}/${index}`);
    const jobs = new PushJobGenerator(random, layers, `${seed}/${index}`);
    while (performance.now() < end) {
      const job = jobs.next();
      const always = random.chance(0.5);
      const tries = await untilDone(
        (isFirst) => performPush(url, job, journal, always && isFirst),
        tally.problems,
      );
      tally.pushed++;
      tally.again += tries - 1;
    }
  });
  const pullers = Array.from({ length: PULLERS }, async (_, index) => {
    const random = new Random(`${seed}/pull/${index}`);
    while (performance.now() < end) {
      const problem = await pullSome(url, journal, random);
      if (problem !== undefined) tally.problems.push(problem);
      else tally.pulled++;
      await sleep(20);
    }
  });
  await Promise.all([...pushers, ...pullers]);
  const { problems, pushed, again, pulled } = tally;
  return { problems, figures: `${pushed} pushes (${again} repeated), ${pulled} pulls` };
}

/** Retries work until it succeeds. @returns the number of attempts */
async function untilDone(work: (isFirst: boolean) => Promise<void>, problems: string[]): Promise<number> {
  for (let tries = 1; ; tries++) {
    try {
      await work(tries === 1);
      return tries;
    } catch (error) {
      if (!(error instanceof IncompleteResponseError || error instanceof UnexpectedStatusError)) throw error;
      if (tries >= MAX_ATTEMPTS) {
        problems.push(`a push did not succeed in ${MAX_ATTEMPTS} attempts: ${error.message}`);
        return tries;
      }
      await sleep(Math.min(100 * tries, MAX_DELAY));
    }
  }
}

/** Pulls content that was acknowledged before, which must exist; the form of error responses is not verified here. */
async function pullSome(url: string, journal: Journal, random: Random): Promise<string | undefined> {
  try {
    const blobs = [...journal.blobs.values()].filter(({ stored }) => stored);
    if (blobs.length > 0 && random.chance(0.5)) {
      const { repository, content } = random.pick(blobs);
      const got = await download(`${url}/v2/${repository}/blobs/${content.digest}`);
      if (got.status === 404)
        return `${repository} ${content.digest}: acknowledged with 201, but now missing`;
      if (got.status === 200 && got.digest !== content.digest) return `${content.digest}: wrong bytes`;
      return undefined;
    }
    const tags = [...journal.tags.values()].filter(({ moves }) =>
      moves.some(({ confirmedAt }) => confirmedAt !== undefined),
    );
    if (tags.length === 0) return undefined;
    const { repository, tag } = random.pick(tags);
    const { status } = await sendRequest(`${url}/v2/${repository}/manifests/${tag}`);
    return status === 404 ? `${repository}:${tag}: acknowledged with 201, but now missing` : undefined;
  } catch (error) {
    if (error instanceof IncompleteResponseError) return undefined;
    throw error;
  }
}
