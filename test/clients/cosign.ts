import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type ImageLayout, writeImageLayout } from "../support/images.ts";
import { type CaseContext, imageName, type SpecialClient } from "./client.ts";
import { createCrane } from "./crane.ts";
import { hashFile } from "./layouts.ts";
import { readReferrers, readServedImage } from "./served.ts";
import { expectAll, expectEqual, extractMatch } from "./support/expect.ts";
import type { Sandbox } from "./support/sandbox.ts";
import { goProgramPath } from "./support/tools.ts";

const SIGNATURE_TYPE = "application/vnd.dev.sigstore.bundle.v0.3+json";
const SBOM_TYPE = "application/vnd.dev.cosign.artifact.sbom.v1+json";
const SBOM = {
  spdxVersion: "SPDX-2.3",
  SPDXID: "SPDXRef-DOCUMENT",
  name: "test image",
  dataLicense: "CC0-1.0",
  documentNamespace: "https://example.com/test-image",
  creationInfo: { created: "1970-01-01T00:00:00Z", creators: ["Tool: tests"] },
  packages: [],
};

/** Creates a client that signs with a local key, without a transparency log or a certificate authority. */
export function createCosign(sandbox: Sandbox): SpecialClient {
  const crane = createCrane(sandbox);
  const program: Cosign = async (...args) =>
    (await sandbox.run([goProgramPath("cosign"), ...args], { cwd: sandbox.directory })).stdout;
  return {
    name: "cosign",
    tools: [
      ...crane.tools,
      { name: "cosign", module: "github.com/sigstore/cosign/v3", version: "v3.1.3", command: "cmd/cosign" },
    ],
    version: async () => extractMatch(/GitVersion:\s*(\S+)/, await program("version")),
    start: async () => {
      await program("generate-key-pair");
      await program("signing-config", "create", "--out", "signing-config.json");
      await program("trusted-root", "create", "--out", "trusted-root.json");
      await writeFile(join(sandbox.directory, "sbom.json"), JSON.stringify(SBOM));
    },
    login: async (registry, { username, password }) => {
      const login = ["login", registry, "--username", username, "--password-stdin"];
      await sandbox.run([goProgramPath("cosign"), ...login], { input: password });
    },
    cases: (_names, place) => [
      { name: "cosign signature and SBOM", run: () => signAndAttach(program, crane.push, sandbox, place) },
    ],
  };
}

type Cosign = (...args: string[]) => Promise<string>;

const SIGN_OPTIONS = ["--yes", "--key", "cosign.key", "--signing-config", "signing-config.json"];
const TRUST_OPTIONS = ["--trusted-root", "trusted-root.json"];
const VERIFY_OPTIONS = ["--key", "cosign.pub", "--insecure-ignore-tlog", ...TRUST_OPTIONS];

async function signAndAttach(
  cosign: Cosign,
  push: ReturnType<typeof createCrane>["push"],
  sandbox: Sandbox,
  place: CaseContext,
): Promise<void> {
  const layout = await writeImage(place);
  const repository = `${place.prefix}/cosign`;
  const digest = await push(layout, imageName(place.registry.host, repository));
  await rm(layout.directory, { recursive: true, force: true });
  const image = `${place.registry.host}/${repository}@${digest}`;

  await cosign("sign", ...SIGN_OPTIONS, ...TRUST_OPTIONS, image);
  await cosign("verify", ...VERIFY_OPTIONS, image);
  const predicate = ["--type", "spdxjson", "--predicate", "sbom.json"];
  await cosign("attest", ...SIGN_OPTIONS, ...TRUST_OPTIONS, ...predicate, image);
  await cosign("verify-attestation", ...VERIFY_OPTIONS, "--type", "spdxjson", image);

  const attach = ["--sbom", "sbom.json", "--type", "spdx", "--input-format", "json"];
  await cosign("attach", "sbom", ...attach, "--registry-referrers-mode", "oci-1-1", image);
  await expectReferrers(place, repository, digest, await hashFile(join(sandbox.directory, "sbom.json")));
}

async function expectReferrers(
  { registry }: CaseContext,
  repository: string,
  digest: string,
  sbom: string,
): Promise<void> {
  const all = await readReferrers(registry, repository, digest);
  const types = all.map(({ artifactType }) => artifactType).sort();
  expectEqual(
    "artifact types of the referrers",
    types.join(" "),
    [SBOM_TYPE, SIGNATURE_TYPE, SIGNATURE_TYPE].join(" "),
  );
  const [attached, ...others] = await readReferrers(registry, repository, digest, SBOM_TYPE);
  expectEqual("other referrers with the type of the SBOM", others.length, 0);
  const { blobs } = await readServedImage(registry, repository, attached?.digest ?? "");
  expectAll("blobs of the attached SBOM", blobs, [sbom]);
}

async function writeImage(place: CaseContext): Promise<ImageLayout> {
  const platforms = [{ os: "linux", architecture: "amd64" }];
  const directory = join(place.directory, "image-signed");
  return await writeImageLayout(directory, { platforms, layerSizes: [1024], seed: "cosign" });
}
