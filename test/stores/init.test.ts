import { randomUUID } from "node:crypto";
import { beforeAll, describe, expect, it } from "vitest";
import { type AwsEndpoints, awsEndpoints } from "../../local-cloud/support/aws-endpoints.ts";
import { freePort } from "../../local-cloud/support/processes.ts";
import { Command, dockless } from "../support/command.ts";

let endpoints: AwsEndpoints;
beforeAll(() => {
  endpoints = awsEndpoints() ?? expect.fail("no servers: run this with `npm run test:storage`");
});

function argsWith(changed: Readonly<Record<string, string>> = {}): readonly string[] {
  const { s3Url, dynamoUrl } = endpoints;
  const name = `test-${randomUUID()}`;
  const options = { bucket: name, table: name, "endpoint-s3": s3Url, "endpoint-dynamodb": dynamoUrl };
  return Object.entries({ ...options, ...changed }).flatMap(([option, value]) => [`--${option}`, value]);
}

describe("dockless init", () => {
  it("creates bucket and table, once, and prints the command that serves them", async () => {
    const args = argsWith();
    const first = await dockless(["init", ...args]);
    expect([first.code, first.stderr]).toEqual([0, ""]);
    expect(first.stdout).toMatch(/^bucket test-\S+: created\n(.+\n)*table test-\S+: created\n/);
    const again = await dockless(["init", ...args]);
    expect([again.code, again.stdout]).toEqual([0, first.stdout.replaceAll(": created", ": already exists")]);
    const printedOptions = /^ready: dockless (serve .+)\n$/m.exec(again.stdout)?.[1] ?? "";
    const command = new Command([...printedOptions.split(" "), "--port", "0"]);
    try {
      await expect.poll(() => command.stdout, { timeout: 10_000 }).toMatch(/listening on .*\n/);
    } finally {
      await command.kill();
    }
  });

  it.each(["endpoint-s3", "endpoint-dynamodb"])(
    "reports in one line that %s is unreachable",
    async (option) => {
      const unreachable = `http://127.0.0.1:${await freePort()}`;
      const { code, stderr } = await dockless(["init", ...argsWith({ [option]: unreachable })]);
      expect(code).toBe(1);
      expect(stderr).toMatch(/^dockless: (S3|DynamoDB) at [^\n]+ is unreachable [^\n]+\n$/);
      for (const part of [unreachable, "ECONNREFUSED", `--${option}`]) expect(stderr).toContain(part);
    },
  );
});
