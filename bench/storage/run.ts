import { mkdir } from "node:fs/promises";
import { startAwsServers } from "../../local-cloud/support/aws.ts";
import { newPlace } from "../../local-cloud/support/aws-place.ts";
import { parseSuiteArgs } from "../../local-cloud/support/suite-options.ts";
import { buildLoad } from "../load.ts";
import { SCRATCH } from "../paths.ts";
import { describeMachine, parseRounds, publish, warnIfBusy } from "../report.ts";
import { Figures } from "../table.ts";
import { COLUMNS, measureRound } from "./round.ts";

const USAGE = `npm run bench -- storage [options]

Pushes a large layer to \`dockless serve\` on S3 and DynamoDB, and as many bytes straight to the same S3 server by
@aws-sdk/lib-storage, in turn. It starts both servers (versitygw and DynamoDB Local); the bytes lie below .cache.

  --rounds N       rounds, of which the table shows the medians and extremes (3)
  --size MIB       the layer's size in MiB (1024)
  --quick          one round of 128 MiB, to see that all of it works: no figures to publish
  --out FILE       write the table there too

Examples:
  npm run bench -- storage
  npm run bench -- storage --rounds 5 --size 5120
  npm run bench -- storage --quick
`;

const MIB = 2 ** 20;

interface Options {
  readonly rounds: number;
  readonly size: number;
  readonly out: string | undefined;
}

function parseOptions(args: readonly string[]): Options {
  const options = {
    rounds: { type: "string" },
    size: { type: "string" },
    quick: { type: "boolean", default: false },
    out: { type: "string" },
  } as const;
  const values = parseSuiteArgs(USAGE, options, args);
  const mebibytes = Number(values.size ?? (values.quick ? 128 : 1024));
  if (!Number.isInteger(mebibytes) || mebibytes < 1)
    throw new Error(`--size ${values.size}: not a size in MiB`);
  return { rounds: parseRounds(values.rounds, values.quick), size: mebibytes * MIB, out: values.out };
}

/** Measures pushes to S3. */
export async function benchStorage(args: readonly string[]): Promise<void> {
  const { rounds, size, out } = parseOptions(args);
  warnIfBusy();
  const about = [`${rounds} rounds: medians (lowest-highest);`, `layers of ${size / MIB} MiB.`];
  const machine = await describeMachine(about);
  await buildLoad();
  // The S3 server keeps its bytes in a temporary folder, which is to lie on the disk.
  await mkdir(SCRATCH, { recursive: true });
  process.env["TMPDIR"] = SCRATCH;
  const servers = await startAwsServers();
  try {
    Object.assign(process.env, servers.env);
    const place = await newPlace(servers);
    const figures = new Figures();
    for (let round = 0; round < rounds; round += 1) {
      process.stderr.write(`round ${round + 1} of ${rounds}\n`);
      await measureRound(round, size, place, figures);
    }
    await publish([figures.markdown(new Set(["push"]), COLUMNS), machine], out);
  } finally {
    await servers.dispose();
  }
}
