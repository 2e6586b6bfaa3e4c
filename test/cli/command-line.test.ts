import { describe, expect, it } from "vitest";
import packageJson from "../../package.json" with { type: "json" };
import { Command, dockless } from "../support/command.ts";

describe("dockless", () => {
  it("prints its version", async () => {
    expect(await dockless(["--version"])).toEqual({
      code: 0,
      stdout: `${packageJson.version}\n`,
      stderr: "",
    });
  });

  it("prints its commands with --help", async () => {
    const { code, stdout, stderr } = await dockless(["--help"]);
    expect([code, stderr]).toEqual([0, ""]);
    expect(stdout).toContain("serve");
  });

  it("prints the options of serve with their environment variables, and examples", async () => {
    const { code, stdout, stderr } = await dockless(["serve", "--help"]);
    expect([code, stderr]).toEqual([0, ""]);
    for (const name of ["port", "host", "data", "log"]) {
      expect(stdout).toContain(`--${name} <`);
      expect(stdout).toContain(`DOCKLESS_${name.toUpperCase()}`);
    }
    expect(stdout).toContain("$ dockless serve --port 8080");
  });

  it("succeeds when the reader of its output has ended", async () => {
    const command = new Command(["doctor", "--list"]);
    command.process.stdout?.destroy();
    expect(await command.ended()).toMatchObject({ code: 0, stderr: "" });
  });

  it("prints its help and fails without a command", async () => {
    const { code, stderr } = await dockless([]);
    expect(code).toBe(2);
    expect(stderr).toContain("serve");
  });

  it.each<[string, readonly string[], Readonly<Record<string, string>>, RegExp]>([
    ["an unknown command", ["fly"], {}, /unknown command 'fly'/],
    ["an unknown option", ["serve", "--fly", "1"], {}, /unknown option '--fly'/],
    ["an excess argument", ["serve", "here"], {}, /too many arguments/],
    ["a port that is a word", ["serve", "--port", "http"], {}, /--port.*'http'.*0 to 65535/],
    ["a port that is empty", ["serve", "--port", ""], {}, /--port.*0 to 65535/],
    ["a negative port", ["serve", "--port=-1"], {}, /--port.*'-1'.*0 to 65535/],
    ["a port that is too high", ["serve", "--port", "65536"], {}, /--port.*'65536'.*0 to 65535/],
    ["a port in hex", ["serve", "--port", "0x50"], {}, /--port.*'0x50'.*0 to 65535/],
    ["a fraction of a port", ["serve", "--port", "80.5"], {}, /--port.*'80.5'.*0 to 65535/],
    ["a port without a number", ["serve", "--port"], {}, /--port.*argument missing/],
    ["an invalid port in the environment", ["serve"], { DOCKLESS_PORT: "http" }, /DOCKLESS_PORT.*0 to 65535/],
    ["a limit of zero", ["serve", "--max-descriptors", "0"], {}, /--max-descriptors.*'0'.*1 to 50000/],
    ["a limit that is too high", ["serve"], { DOCKLESS_MAX_DESCRIPTORS: "50001" }, /1 to 50000/],
    ["an endpoint without a scheme", ["serve", "--endpoint-s3", "s3.example"], {}, /--endpoint-s3.*http:/],
    ["an endpoint that is not a URL", ["user", "list", "--endpoint-dynamodb", "x"], {}, /-dynamodb.*http:/],
    ["an endpoint without a host", ["init", "--endpoint-s3", "s3:9000"], {}, /--endpoint-s3.*http:/],
    [
      "an allowed host with a port",
      ["serve", "--allow-host", "a.example:5000"],
      {},
      /--allow-host.*without a port/,
    ],
    ["an allowed host that is a pattern", ["serve", "--allow-host", "*"], {}, /--allow-host.*'\*'/],
    [
      "a proxy that is a name",
      ["serve", "--trust-proxy", "nginx"],
      {},
      /--trust-proxy.*'nginx'.*10\.0\.0\.7/,
    ],
    [
      "a range with too many bits",
      ["serve", "--trust-proxy", "10.0.0.0/33"],
      {},
      /--trust-proxy.*'10\.0\.0\.0\/33'/,
    ],
    [
      "an origin with a path",
      ["serve", "--cors-origin", "https://ui.example/a"],
      {},
      /--cors-origin.*https:/,
    ],
    ["an origin without a scheme", ["serve"], { DOCKLESS_CORS_ORIGIN: "ui.example" }, /CORS_ORIGIN.*https:/],
    ["a missing argument", ["user", "add"], {}, /missing required argument 'name'/],
    ["a missing option", ["init", "--bucket", "b"], {}, /--bucket and --table must be set together/],
    ["an unknown subcommand", ["access", "fly"], {}, /unknown command 'fly'/],
    [
      "options that exclude each other",
      ["access", "apply", "f", "--add", "--prune-accounts"],
      {},
      /cannot be used with/,
    ],
    [
      "an incomplete pair of options",
      ["serve", "--bucket", "b"],
      {},
      /--bucket and --table must be set together/,
    ],
    ["a malformed host", ["credentials", "a b"], {}, /is not a registry host/],
    ["an unknown log level", ["serve", "--log", "all"], {}, /--log.*'all'.*requests, errors, nothing/],
  ])("rejects %s in one line, and exits with status 2", async (_, args, env, line) => {
    const { code, stdout, stderr } = await dockless(args, { env });
    expect([code, stdout]).toEqual([2, ""]);
    expect(
      stderr
        .trimEnd()
        .split("\n")
        .filter((text) => text !== ""),
    ).toEqual([expect.stringMatching(line)]);
  });
});
