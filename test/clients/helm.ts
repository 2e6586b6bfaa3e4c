import { mkdir, readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { seededBytes } from "../support/images.ts";
import type { Case, CaseContext, CaseName, SpecialClient } from "./client.ts";
import { hashFile } from "./layouts.ts";
import { readServedImage } from "./served.ts";
import { expectAll, expectEqual, extractMatch } from "./support/expect.ts";
import type { Sandbox } from "./support/sandbox.ts";
import { goProgramPath } from "./support/tools.ts";

const CHART_VERSION = "1.0.0";
const MIB = 1 << 20;
/** Sizes of the files of charts. Helm accepts files of 5 MiB and charts of 100 MiB at most; charts have no platforms. */
const FILE_SIZES: Partial<Record<CaseName, readonly number[]>> = {
  "1k": [1024],
  "12m": [4 * MIB, 4 * MIB, 4 * MIB],
};

/** Creates a client from Helm, for charts. */
export function createHelm(sandbox: Sandbox): SpecialClient {
  const helm = async (...args: string[]) => {
    const { stdout, stderr } = await sandbox.run([goProgramPath("helm"), ...args]);
    return stdout + stderr;
  };
  return {
    name: "helm",
    tools: [{ name: "helm", module: "helm.sh/helm/v4", version: "v4.3.1", command: "cmd/helm" }],
    version: async () => extractMatch(/Version:"([^"]+)"/, await helm("version")),
    login: async (registry, { username, password }) => {
      const login = [
        "registry",
        "login",
        "--plain-http",
        "--username",
        username,
        "--password-stdin",
        registry,
      ];
      await sandbox.run([goProgramPath("helm"), ...login], { input: password });
    },
    cases: (names, place) => names.flatMap((name) => chartCases(helm, name, place)),
  };
}

type Helm = (...args: string[]) => Promise<string>;

function chartCases(helm: Helm, name: CaseName, place: CaseContext): Case[] {
  const sizes = FILE_SIZES[name];
  if (sizes === undefined) return [];
  return [{ name: `helm ${name} chart`, run: () => roundTrip(helm, `chart-${name}`, sizes, place) }];
}

async function roundTrip(
  helm: Helm,
  name: string,
  sizes: readonly number[],
  place: CaseContext,
): Promise<void> {
  const directory = join(place.directory, name);
  const repository = `${place.prefix}/helm`;
  const registry = `oci://${place.registry.host}/${repository}`;
  try {
    const chart = await packageChart(helm, directory, name, sizes);
    const output = await helm("push", "--plain-http", chart, registry);
    const pushed = extractMatch(/Digest: (sha256:[0-9a-f]{64})/, output);
    const served = await readServedImage(place.registry, `${repository}/${name}`, CHART_VERSION);
    expectEqual(`served digest of ${name}`, served.digest, pushed);
    const pulled = join(directory, "pulled");
    await helm(
      "pull",
      "--plain-http",
      `${registry}/${name}`,
      "--version",
      CHART_VERSION,
      "--destination",
      pulled,
    );
    const files = await readdir(pulled);
    expectEqual("pulled files", files.join(" "), `${name}-${CHART_VERSION}.tgz`);
    const digest = await hashFile(join(pulled, `${name}-${CHART_VERSION}.tgz`));
    expectEqual("digest of the pulled chart", digest, await hashFile(chart));
    expectAll("served blobs of the chart", served.blobs, [digest]);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** Creates a chart. @returns the path of its archive */
async function packageChart(
  helm: Helm,
  directory: string,
  name: string,
  sizes: readonly number[],
): Promise<string> {
  const source = join(directory, name);
  await mkdir(source, { recursive: true });
  await mkdir(join(directory, "pulled"));
  await writeFile(join(source, "Chart.yaml"), `apiVersion: v2\nname: ${name}\nversion: ${CHART_VERSION}\n`);
  for (const [position, size] of sizes.entries()) {
    await writeFile(
      join(source, `${position}.bin`),
      Buffer.concat([...seededBytes(`${name}/${position}`, size)]),
    );
  }
  await helm("package", source, "--destination", directory);
  return join(directory, `${name}-${CHART_VERSION}.tgz`);
}
