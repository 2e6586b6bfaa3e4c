import { randomBytes } from "node:crypto";
import { Readable } from "node:stream";
import { parseArgs } from "node:util";
import { S3Client } from "@aws-sdk/client-s3";
import { Upload } from "@aws-sdk/lib-storage";
import { withUnsignedBody } from "../../lib/storage/s3/unsigned-payload.ts";

/**
 * Uploads bytes from memory with the SDK's own uploader, and prints the seconds that it took. Run as `node uploader.ts
 * --endpoint URL --bucket NAME --key KEY --size BYTES --part-size BYTES --queue-size N [--unsigned]`.
 */
const { values } = parseArgs({
  options: {
    endpoint: { type: "string", default: "" },
    bucket: { type: "string", default: "" },
    key: { type: "string", default: "" },
    size: { type: "string", default: "" },
    "part-size": { type: "string", default: "" },
    "queue-size": { type: "string", default: "" },
    unsigned: { type: "boolean", default: false },
  },
});

/** Size of the chunks, as read from a file or a socket. */
const PIECE_BYTES = 64 << 10;

/** Yields incompressible bytes, with a number in each piece; copied, because the uploader keeps them for a while. */
function* freshBytes(size: number): Generator<Buffer> {
  const piece = randomBytes(PIECE_BYTES);
  for (let offset = 0; offset < size; offset += PIECE_BYTES) {
    piece.writeBigUInt64LE(BigInt(offset));
    yield Buffer.from(piece.subarray(0, size - offset));
  }
}

const client = new S3Client({ endpoint: values.endpoint, forcePathStyle: true });
if (values.unsigned) withUnsignedBody(client);
const upload = new Upload({
  client,
  params: {
    Bucket: values.bucket,
    Key: values.key,
    Body: Readable.from(freshBytes(Number(values.size)), { objectMode: false }),
  },
  partSize: Number(values["part-size"]),
  queueSize: Number(values["queue-size"]),
});
const [began, used] = [performance.now(), process.cpuUsage()];
await upload.done();
const seconds = (performance.now() - began) / 1000;
const { user, system } = process.cpuUsage(used);
const peakBytes = process.resourceUsage().maxRSS * 1024;
process.stdout.write(JSON.stringify({ seconds, cpuSeconds: (user + system) / 1e6, peakBytes }));
client.destroy();
