import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { DeleteObjectCommand, paginateListObjectsV2 } from "@aws-sdk/client-s3";
import { type AwsPlace, clientsOf } from "../../local-cloud/support/aws-place.ts";
import { levelMemory } from "../limits.ts";
import { megabytesPerSecond, PUSH_FORMS, type PushForm, pushRow, report, throughput } from "../measure.ts";
import { SCRATCH } from "../paths.ts";
import type { Figures, Row } from "../table.ts";
import { type Place, type PushFigures, pushThroughServer, uploadStraight } from "./contenders.ts";

const OWN_TITLE = "dockless";

/** Part size of the registry, so that the S3 server receives the same requests from both. */
const PART_BYTES = 8 << 20;

/** Uploader with its defaults; with the registry's number of parts in flight; and without signing the body, like the registry. */
const UPLOADERS = [
  { title: "lib-storage", partSize: PART_BYTES, queueSize: 4, unsigned: false },
  { title: "lib-storage, 3 in flight", partSize: PART_BYTES, queueSize: 3, unsigned: false },
  { title: "lib-storage, unsigned", partSize: PART_BYTES, queueSize: 4, unsigned: true },
] as const;

/** Row without the closing PUT, in which S3 copies the staged bytes at a speed that depends on the S3 server. */
const BEFORE_CLOSING = throughput("push", "push by PATCH, without its closing PUT");

/** Columns of the table. */
export const COLUMNS: readonly string[] = [OWN_TITLE, ...UPLOADERS.map(({ title }) => title)];

interface Contender {
  readonly title: string;
  /** Forms of a push whose rows contain its figures. */
  readonly forms: readonly PushForm[];
  push(size: number, location: Place): Promise<PushFigures>;
}

/** Contenders. The uploader has only one form, which is compared with both of the registry's. */
const CONTENDERS: readonly Contender[] = [
  ...PUSH_FORMS.map((form) => ({
    title: OWN_TITLE,
    forms: [form],
    push: (size: number, location: Place) => pushThroughServer(form, size, location),
  })),
  ...UPLOADERS.map((options) => ({
    title: options.title,
    forms: PUSH_FORMS,
    push: (size: number, location: Place) => uploadStraight(options, size, location),
  })),
];

/** Measures one push by each contender; the order rotates from round to round. */
export async function measureRound(
  round: number,
  size: number,
  location: AwsPlace,
  into: Figures,
): Promise<void> {
  const folder = join(SCRATCH, `storage-${process.pid}`);
  await mkdir(folder, { recursive: true });
  try {
    for (let turn = 0; turn < CONTENDERS.length; turn++) {
      const contender = CONTENDERS[(turn + round) % CONTENDERS.length];
      if (contender === undefined) continue;
      await levelMemory(folder, size);
      add(contender, size, await contender.push(size, { ...location, folder }), into);
      await empty(location);
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function add({ title, forms }: Contender, size: number, figures: PushFigures, into: Figures): void {
  const { seconds, closingSeconds = 0 } = figures;
  const rate = megabytesPerSecond(size, seconds);
  for (const form of forms) {
    const row = pushRow(form);
    into.add(row, title, rate);
    if (form === "patch") into.add(BEFORE_CLOSING, title, megabytesPerSecond(size, seconds - closingSeconds));
    into.add(cpuRow(row), title, (figures.cpuSeconds * 1e9) / size);
    into.add(memoryRow(row), title, figures.peakBytes / 1e6);
  }
  const how = forms.length === 1 ? ` by ${forms[0]?.toUpperCase()}` : "";
  const closing = closingSeconds === 0 ? "" : `, closed in ${closingSeconds.toFixed(2)} s`;
  report(`${title}${how}: ${rate.toFixed(0)} MB/s${closing}`);
}

function cpuRow({ part, title }: Row): Row {
  return { part, title: `${title}, CPU`, unit: "s per GB", better: "less", digits: 2 };
}

function memoryRow({ part, title }: Row): Row {
  return { part, title: `${title}, peak memory`, unit: "MB", better: "less", digits: 0 };
}

/** Deletes the pushed objects, which must not fill the page cache of the next contender. */
async function empty(location: AwsPlace): Promise<void> {
  const { s3, dynamo } = clientsOf(location);
  for await (const { Contents = [] } of paginateListObjectsV2({ client: s3 }, { Bucket: location.bucket })) {
    for (const { Key } of Contents) await s3.send(new DeleteObjectCommand({ Bucket: location.bucket, Key }));
  }
  s3.destroy();
  dynamo.destroy();
}
