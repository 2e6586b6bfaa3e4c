import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { NO_CHAOS } from "../../local-cloud/chaos.ts";
import { Concurrency } from "../../local-cloud/lambda/concurrency.ts";
import { LambdaFunction } from "../../local-cloud/lambda/function.ts";
import { FunctionStats } from "../../local-cloud/stats.ts";
import { Assets } from "../../local-cloud/template/assets.ts";
import { Template } from "../../local-cloud/template/template.ts";
import { parseTriggers, type TriggerModel } from "../../local-cloud/template/triggers.ts";
import { Triggers } from "../../local-cloud/triggers.ts";

const KEY = "0123.zip";

let folder: string;
let stats: FunctionStats;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "dockless-triggers-"));
  const artifacts = { Dockless: { type: "aws:cloudformation:stack" } };
  await writeFile(join(folder, "manifest.json"), JSON.stringify({ artifacts }));
  const asset = { source: { packaging: "zip", path: "." }, destinations: { here: { objectKey: KEY } } };
  await writeFile(join(folder, "Dockless.assets.json"), JSON.stringify({ files: { asset } }));
  const code = `exports.handler = async () => { if (process.env.FAIL) throw new Error(process.env.FAIL); };`;
  await writeFile(join(folder, "index.js"), code);
});
beforeEach(() => {
  stats = new FunctionStats();
});
afterAll(() => rm(folder, { recursive: true, force: true }));

interface Wanted {
  readonly version?: string;
  readonly fail?: string;
  readonly timeout?: number;
  /** Function that CDK's function may invoke. */
  readonly invokable?: string;
}

/** Reads a template with a trigger as CDK generates it, reduced to what the local cloud reads. */
function read({ version = "Version1", fail = "", timeout = 10, invokable = "Handler" }: Wanted) {
  const role = { Type: "AWS::IAM::Role", Properties: {} };
  const may = {
    Effect: "Allow",
    Action: "lambda:InvokeFunction",
    Resource: { "Fn::Join": ["", [{ "Fn::GetAtt": [invokable, "Arn"] }, ":*"]] },
  };
  const code = { Handler: "index.handler", Runtime: "nodejs24.x", Code: { S3Key: KEY } };
  const Resources = {
    HandlerRole: role,
    Handler: {
      Type: "AWS::Lambda::Function",
      Properties: {
        ...code,
        Role: { "Fn::GetAtt": ["HandlerRole", "Arn"] },
        Timeout: timeout,
        Environment: { Variables: { FAIL: fail } },
      },
    },
    [version]: { Type: "AWS::Lambda::Version", Properties: { FunctionName: { Ref: "Handler" } } },
    InvokerRole: {
      Type: "AWS::IAM::Role",
      Properties: { Policies: [{ PolicyDocument: { Statement: [may] } }] },
    },
    Invoker: {
      Type: "AWS::Lambda::Function",
      Properties: { ...code, Role: { "Fn::GetAtt": ["InvokerRole", "Arn"] } },
    },
    Trigger: {
      Type: "Custom::Trigger",
      Properties: {
        ServiceToken: { "Fn::GetAtt": ["Invoker", "Arn"] },
        HandlerArn: { Ref: version },
        InvocationType: "RequestResponse",
        Timeout: "120000",
        ExecuteOnHandlerChange: true,
      },
    },
  };
  return parseTriggers(new Template({ Resources }, "localhost"), new Assets(folder));
}

function starter() {
  return new Triggers(async ({ name, handler, code: task, variables, memory, timeout }) => {
    const log = new PassThrough().resume();
    const others = { concurrency: new Concurrency(1), lifetime: () => 10, chaos: NO_CHAOS, stats, log };
    return new LambdaFunction({ name, handler, task, variables, memory, timeout, ...others });
  });
}

describe("a trigger in a template", () => {
  it("specifies a version of the function that it invokes", () => {
    const [model, ...others] = read({});
    expect(others).toEqual([]);
    expect(model?.versionArn).toMatch(/:\d+$/);
    expect(model?.versionArn.replace(/:\d+$/, "")).toBe(model?.handler.arn);
    expect(read({ version: "Version2" })[0]?.versionArn).not.toBe(model?.versionArn);
  });

  it.each<[string, Wanted, string]>([
    ["whose invoker may invoke another function only", { invokable: "Invoker" }, "not allowed to invoke"],
    ["whose timeout is shorter than its function's", { timeout: 120 }, "timeout is shorter"],
  ])("%s is an error", (_, trigger, message) => {
    expect(() => read(trigger)).toThrow(message);
  });
});

describe("a deployment", () => {
  it("invokes a function once, and again for another version", async () => {
    const triggers = starter();
    const counts: number[] = [];
    const deployed: TriggerModel[][] = [[...read({})], [...read({})], [...read({ version: "Version2" })]];
    for (const models of deployed) counts.push(await triggers.deploy(models));
    expect([counts, stats.invocations]).toEqual([[1, 0, 1], 2]);
  });

  it("fails when the function fails, and is completed by the next deployment", async () => {
    const triggers = starter();
    await expect(triggers.deploy(read({ fail: "no table" }))).rejects.toThrow(/Handler: no table/);
    expect(await triggers.deploy(read({}))).toBe(1);
  });
});
