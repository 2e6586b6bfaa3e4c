import { spawn } from "node:child_process";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { beforeEach, describe, expect, it } from "vitest";
import packageJson from "../../package.json" with { type: "json" };
import { CREDENTIALS, IdentitiesContext, REGISTRY, urlIn } from "../auth/identities-context.ts";

const BIN = join(import.meta.dirname, "../../bin");

const AWS = {
  AWS_ACCESS_KEY_ID: CREDENTIALS.accessKeyId,
  AWS_SECRET_ACCESS_KEY: CREDENTIALS.secretAccessKey,
  AWS_SESSION_TOKEN: CREDENTIALS.sessionToken ?? "",
  AWS_REGION: "eu-central-1",
};
/** Settings without AWS credentials on any machine. */
const NO_AWS = {
  AWS_EC2_METADATA_DISABLED: "true",
  AWS_CONFIG_FILE: "/none",
  AWS_SHARED_CREDENTIALS_FILE: "/none",
};

async function run(file: string, args: readonly string[], input = "", env: NodeJS.ProcessEnv = AWS) {
  const inherited = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !name.startsWith("AWS_")),
  );
  const child = spawn(process.execPath, [join(BIN, file), ...args], {
    env: { ...inherited, ...NO_AWS, ...env },
  });
  child.stdin.end(input);
  const code = new Promise<number | null>((resolve) => child.once("close", resolve));
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
  return { code: await code, stdout, stderr };
}

const helper = (args: readonly string[], input?: string, env?: NodeJS.ProcessEnv) =>
  run("docker-credential-dockless.js", args, input, env);

let context: IdentitiesContext;
beforeEach(async () => {
  context = await IdentitiesContext.start();
  context.now = new Date();
  return () => context.stop();
});

describe("docker-credential-dockless", () => {
  it.each([
    REGISTRY,
    `https://${REGISTRY}`,
    `https://${REGISTRY}/v2/`,
    `${REGISTRY}:443`,
    REGISTRY.toUpperCase(),
  ])("creates a password that the registry accepts for %s", async (server) => {
    const { code, stdout, stderr } = await helper(["get"], `${server}\n`);
    expect([code, stderr]).toEqual([0, ""]);
    const output = JSON.parse(stdout);
    expect(output).toEqual({ ServerURL: server, Username: "aws", Secret: expect.any(String) });
    expect(await context.aws.authenticate(output.Username, output.Secret)).toMatchObject({
      grantees: ["aws:deployers", "authenticated"],
    });
  });

  it("creates a password that a registry on another port rejects", async () => {
    const { stdout } = await helper(["get"], `${REGISTRY}:5000`);
    await expect(context.aws.authenticate("aws", JSON.parse(stdout).Secret)).rejects.toThrow(
      "SignatureDoesNotMatch",
    );
  });

  it.each([
    ["us-east-1 without a region", {}, "sts.us-east-1.amazonaws.com"],
    ["the default region", { AWS_DEFAULT_REGION: "us-west-2" }, "sts.us-west-2.amazonaws.com"],
    ["China", { AWS_REGION: "cn-north-1" }, "sts.cn-north-1.amazonaws.com.cn"],
  ])("uses the STS endpoint of %s", async (_, region, host) => {
    const { stdout } = await helper(["get"], REGISTRY, { ...AWS, AWS_REGION: "", ...region });
    expect(new URL(urlIn(JSON.parse(stdout).Secret)).host).toBe(host);
  });

  it.each<[string, string, NodeJS.ProcessEnv, RegExp]>([
    ["AWS credentials are missing", REGISTRY, {}, /^no AWS credentials: set AWS_PROFILE/],
    ["there is no such region", REGISTRY, { ...AWS, AWS_REGION: "moon-1" }, /^unknown AWS region: moon-1$/],
    ["the registry host is invalid", "a b", AWS, /^"a b" is not a registry host/],
    ["the registry host is missing", "", AWS, /^"" is not a registry host/],
  ])("reports in one line of standard output that %s, and fails", async (_, input, env, line) => {
    const { code, stdout, stderr } = await helper(["get"], input, env);
    expect([code, stderr]).toEqual([1, ""]);
    expect(stdout.trimEnd()).toMatch(line);
    expect(stdout.trimEnd()).not.toContain("\n");
  });

  it("accepts `store` of its own password, `erase` and `list` without output", async () => {
    const { stdout } = await helper(["get"], REGISTRY);
    expect(await helper(["store"], stdout)).toEqual({ code: 0, stdout: "", stderr: "" });
    expect(await helper(["erase"], REGISTRY)).toEqual({ code: 0, stdout: "", stderr: "" });
    expect(await helper(["list"])).toEqual({ code: 0, stdout: "{}\n", stderr: "" });
  });

  it("accepts `store` of the refresh token that the registry issued for its password", async () => {
    const token = await context.issuer.sign({ sub: "aws:arn:aws:iam::123456789012:user/x" });
    const input = JSON.stringify({ ServerURL: REGISTRY, Username: "<token>", Secret: token });
    expect(await helper(["store"], input)).toEqual({ code: 0, stdout: "", stderr: "" });
  });

  it.each([
    ["a password", "hunter2"],
    ["a number", 2],
    ["a refresh token of a user", "eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiJ1c2VyOmFsaWNlIn0.AAAA"],
  ])("rejects `store` of %s, without printing it", async (_, secret) => {
    const input = JSON.stringify({ ServerURL: REGISTRY, Username: "alice", Secret: secret });
    const { code, stdout } = await helper(["store"], input);
    expect([code, stdout]).toEqual([1, expect.stringContaining("does not store passwords")]);
    expect(stdout).not.toContain(String(secret));
  });

  it("does not print input that is not valid JSON", async () => {
    const { code, stdout } = await helper(["store"], "hunter2");
    expect([code, stdout]).toEqual([1, expect.not.stringContaining("hunter2")]);
  });

  it("prints its help and its version", async () => {
    expect(await helper(["--help"])).toMatchObject({
      code: 0,
      stdout: expect.stringContaining("credHelpers"),
    });
    expect(await helper(["version"])).toMatchObject({ code: 0, stdout: `${packageJson.version}\n` });
  });

  it.each([[[]], [["fly"]], [["get", REGISTRY]], [["toString"]]])(
    "prints its help and fails when run with %j",
    async (args) => {
      expect(await helper(args)).toMatchObject({
        code: 1,
        stdout: "",
        stderr: expect.stringContaining("Usage:"),
      });
    },
  );
});

describe("dockless credentials", () => {
  it("prints only the password", async () => {
    const { code, stdout, stderr } = await run("dockless.js", ["credentials", REGISTRY]);
    expect([code, stderr]).toEqual([0, ""]);
    expect(await context.aws.authenticate("aws", stdout.trimEnd())).toBeDefined();
  });

  it("prints username and password with --json", async () => {
    const { stdout } = await run("dockless.js", ["credentials", "--json", REGISTRY]);
    expect(JSON.parse(stdout)).toEqual({
      username: "aws",
      password: expect.stringMatching(/^dockless-aws-v1\./),
    });
  });

  it("reports a malformed host in one line, and exits with status 2", async () => {
    const { code, stdout, stderr } = await run("dockless.js", ["credentials", "a b"]);
    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr).toBe('dockless: "a b" is not a registry host: use a host such as registry.example.com\n');
  });
});
