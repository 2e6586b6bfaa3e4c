import { readdir, readFile, readlink } from "node:fs/promises";
import { awsEndpoints } from "../../../local-cloud/support/aws-endpoints.ts";

/** Lists the open descriptors of this process, sorted, without persistent connections to S3 and DynamoDB. */
export async function openDescriptors(): Promise<readonly string[]> {
  const toStores = await socketsToStores();
  const names = await readdir("/proc/self/fd");
  const targets = await Promise.all(names.map((name) => readlink(`/proc/self/fd/${name}`).catch(() => "")));
  return targets
    .filter((target) => target !== "" && !toStores.has(target))
    .map((target) => target.replace(/^(socket|pipe):.*/, "$1"))
    .sort();
}

/** Returns the sockets to the stores as `/proc/self/fd` names them: `socket:[12345]`. */
async function socketsToStores(): Promise<ReadonlySet<string>> {
  const endpoints = awsEndpoints();
  if (endpoints === undefined) return new Set();
  const ports = [endpoints.s3Url, endpoints.dynamoUrl].map((url) => Number(new URL(url).port));
  const rows = (await readFile("/proc/self/net/tcp", "utf8")).trim().split("\n").slice(1);
  return new Set(
    rows
      .map((row) => row.trim().split(/\s+/))
      .filter(([, , remote = ""]) => ports.includes(Number.parseInt(remote.split(":")[1] ?? "", 16)))
      .map((columns) => `socket:[${columns[9]}]`),
  );
}

/** Returns the descriptors that were opened between two listings. */
export function openedSince(before: readonly string[], now: readonly string[]): readonly string[] {
  const known = [...before];
  return now.filter((target) => {
    const index = known.indexOf(target);
    if (index !== -1) known.splice(index, 1);
    return index === -1;
  });
}
