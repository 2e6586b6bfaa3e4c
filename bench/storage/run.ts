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

Pushes a large layer to \`dockless serve\` on S3 and DynamoDB, and as many bytes directly to the same S3 server with
@aws-sdk/lib-storage, in turn. It starts both servers (versitygw and DynamoDB Local); their data is stored below .cache.

  --rounds N       number of rounds, whose medians and extremes are in the table (3)
  --size MIB       size of the layer in MiB (1024)
  --quick          one round of 128 MiB that only verifies the setup: its figures are not reliable
  --out FILE       also writes the table to a file

Examples:
  npm run bench -- storage
  npm run bench -- storage --rounds 5 --size 5120
  npm run bench -- storage --quick
`;

const MEBIBYTE_BYTES = 2 ** 20;

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
    throw new Error(`--size ${values.size}: not a positive integer`);
  return {
    rounds: parseRounds(values.rounds, values.quick),
    size: mebibytes * MEBIBYTE_BYTES,
    out: values.out,
  };
}

/** Measures pushes to S3 and prints the table. */
export async function benchStorage(args: readonly string[]): Promise<void> {
  const { rounds, size, out } = parseOptions(args);
  warnIfBusy();
  const about = [`${rounds} rounds: medians (lowest-highest);`, `layers of ${size / MEBIBYTE_BYTES} MiB.`];
  const machine = await describeMachine(about);
  await buildLoad();
  // The S3 server stores its data in a temporary folder, which must be on the disk.
  await mkdir(SCRATCH, { recursive: true });
  process.env["TMPDIR"] = SCRATCH;
  const servers = await startAwsServers();
  try {
    Object.assign(process.env, servers.env);
    const location = await newPlace(servers);
    const figures = new Figures();
    for (let round = 0; round < rounds; round += 1) {
      process.stderr.write(`round ${round + 1} of ${rounds}\n`);
      await measureRound(round, size, location, figures);
    }
    await publish([figures.markdown(new Set(["push"]), COLUMNS), machine], out);
  } finally {
    await servers.dispose();
  }
}
