import { VARIABLES } from "../lib/ports/environment.ts";
import { createTestAccount } from "./accounts.ts";
import { administrationLines } from "./administration.ts";
import { startApiGateway } from "./api-gateway/server.ts";
import { Chaos } from "./chaos.ts";
import { EdgeFunction } from "./cloudfront/edge-function.ts";
import type { Origin } from "./cloudfront/origin.ts";
import { startCloudFront } from "./cloudfront/server.ts";
import { startControl } from "./control.ts";
import { Concurrency } from "./lambda/concurrency.ts";
import { LambdaFunction } from "./lambda/function.ts";
import type { Options } from "./options.ts";
import { startRoleEndpoints } from "./role-endpoints.ts";
import { Stats } from "./stats.ts";
import { createStorage } from "./storage.ts";
import { type AwsServers, startAwsServers } from "./support/aws.ts";
import type { ListeningServer } from "./support/listen.ts";
import { freePort } from "./support/processes.ts";
import { type Deployment, readDeployment } from "./template/deployment.ts";
import type { OriginModel } from "./template/distribution.ts";
import type { FunctionModel } from "./template/functions.ts";
import { Triggers } from "./triggers.ts";
import { startWebFunction, type WebFunction } from "./web-function/server.ts";
import { Workspace } from "./workspace.ts";

/** Minimum and maximum number of invocations per environment. */
const LIFETIME_INVOCATIONS = { usual: [200, 2000], recycling: [1, 10] } as const;

/** Milliseconds after which a web function's environment is retired. */
const RETIREMENT_MILLISECONDS = { usual: 60_000, recycling: 3000 };

/** The stack, running on this machine. */
export class Cloud {
  readonly #options: Options;
  readonly #host: string;
  readonly #deployment: Deployment;
  readonly #servers: AwsServers;
  readonly #workspace: Workspace;
  readonly #stats = new Stats();
  readonly #chaos: Chaos;
  readonly #account: Concurrency;
  readonly #triggers = new Triggers((model) => this.#startFunction(model));
  /** Functions that stop the parts, in the order in which the parts were started. */
  readonly #stops: (() => Promise<void>)[] = [];

  private constructor(
    options: Options,
    parts: { host: string; deployment: Deployment; servers: AwsServers; workspace: Workspace },
  ) {
    this.#options = options;
    this.#host = parts.host;
    this.#deployment = parts.deployment;
    this.#servers = parts.servers;
    this.#workspace = parts.workspace;
    this.#chaos = new Chaos(options.chaos, "chaos");
    this.#account = new Concurrency(options.concurrency);
    this.#stops.push(parts.servers.dispose, () => parts.workspace.remove());
  }

  /** Starts all parts and prints their addresses; the address of the CloudFront emulator comes last. */
  static async start(options: Options): Promise<Cloud> {
    const host = `127.0.0.1:${options.port ?? (await freePort())}`;
    const deployment = readDeployment(options.out, host);
    const workspace = await Workspace.create(options.logs);
    const cloud = new Cloud(options, { host, deployment, servers: await startAwsServers(), workspace });
    try {
      await cloud.#startAll();
      return cloud;
    } catch (error) {
      await cloud.stop();
      throw error;
    }
  }

  /** Stops all parts in reverse order. */
  async stop(): Promise<void> {
    for (const stop of this.#stops.splice(0).reverse()) await stop();
  }

  async #startAll(): Promise<void> {
    await createStorage(this.#servers, this.#deployment);
    const tables = this.#deployment.tables.map(({ input }) => input.TableName ?? "");
    const account = await createTestAccount(this.#servers, tables);
    // Grants that were made before the deployment exist already, as in a table that is in use.
    const { triggers } = this.#deployment;
    await this.#triggers.deploy(triggers);
    const api = this.#keep(await this.#startApi());
    const webFunction = this.#keep(await this.#startWebFunction());
    const cloudFront = this.#keep(await this.#startCloudFront({ api, webFunction }));
    const facts = {
      place: () => this.#location(),
      web: () => ({ pids: webFunction.pids() }),
      account: () => account,
    };
    const options = { stats: this.#stats, chaos: this.#chaos, facts, deploy: () => this.#redeploy() };
    const control = this.#keep(await startControl(options));
    const { variables } = this.#deployment.webFunction;
    for (const line of administrationLines({ servers: this.#servers, variables })) console.log(line);
    console.log(`api gateway on ${api.url}`);
    console.log(`web function on ${webFunction.url}`);
    if (variables[VARIABLES.directPush] === "true") console.log(`direct pushes on ${webFunction.url}`);
    console.log(`control on ${control.url}`);
    const granted =
      triggers.length === 0 ? "all clients may push" : "the stack's access file decides who may push";
    console.log(`${granted}; to sign in: ${account.username}, ${account.password}`);
    console.log(`cloud ready on ${cloudFront.url}`);
  }

  /** Runs only the deployment's triggers again; all other parts keep running unchanged. */
  async #redeploy(): Promise<object> {
    const { triggers } = readDeployment(this.#options.out, this.#host);
    return { invoked: await this.#triggers.deploy(triggers) };
  }

  #keep<T extends ListeningServer>(part: T): T {
    this.#stops.push(() => part.stop());
    return part;
  }

  async #startApi(): Promise<ListeningServer> {
    const { api, functions } = this.#deployment;
    const running = new Map<string, LambdaFunction>();
    for (const model of functions) running.set(model.arn, await this.#startFunction(model));
    const routes = api.routes.map(({ key, functionArn, mapping, timeout }) => {
      const target = running.get(functionArn);
      if (target === undefined) throw new Error(`function not found: ${functionArn}`);
      return { key, integration: { target, mapping, timeout } };
    });
    const { isHarsh } = this.#options;
    return await startApiGateway({ ...api, routes, isHarsh, stats: this.#stats });
  }

  async #startFunction(model: FunctionModel): Promise<LambdaFunction> {
    const name = withoutHash(model.id);
    const { reservedConcurrency: reserved } = model;
    const { recycle } = this.#options;
    const [min, max] = recycle ? LIFETIME_INVOCATIONS.recycling : LIFETIME_INVOCATIONS.usual;
    const lambda = new LambdaFunction({
      ...model,
      ...(await this.#prepare(name, model)),
      concurrency: reserved === undefined ? this.#account : new Concurrency(reserved),
      lifetime: () => min + Math.floor(Math.random() * (max - min)),
    });
    this.#stops.push(() => lambda.stop());
    return lambda;
  }

  async #startWebFunction(): Promise<WebFunction> {
    const model = this.#deployment.webFunction;
    const recycle = this.#options.recycle ? RETIREMENT_MILLISECONDS.recycling : RETIREMENT_MILLISECONDS.usual;
    const prepared = await this.#prepare("WebFunction", model);
    return await startWebFunction({ ...model, ...prepared, recycle, allStats: this.#stats });
  }

  /** Prepares the parts that every function needs: code, IAM endpoints and a log. */
  async #prepare(name: string, model: Pick<FunctionModel, "code" | "statements" | "variables">) {
    const stats = this.#stats.of(name);
    const { statements } = model;
    const role = await startRoleEndpoints({ name, statements, servers: this.#servers, stats, reportProblem });
    this.#stops.push(() => role.stop());
    return {
      task: await this.#workspace.unpack(model.code, name),
      // The emulators' endpoints override the endpoints in the template.
      variables: { ...model.variables, ...role.variables, ...this.#options.variables },
      log: this.#workspace.log(name),
      chaos: this.#chaos,
      stats,
      reportProblem,
    };
  }

  async #startCloudFront({
    api,
    webFunction,
  }: {
    api: ListeningServer;
    webFunction: ListeningServer;
  }): Promise<ListeningServer> {
    const { distribution, webFunction: model, api: apiModel } = this.#deployment;
    const ports = new Map([
      [apiModel.domainName, api.port],
      [model.domainName, webFunction.port],
    ]);
    const originIds = distribution.origins.map(({ id }) => id);
    const behaviours = distribution.behaviours.map(({ viewerRequest: code, ...behaviour }) => {
      return {
        ...behaviour,
        viewerRequest: code === undefined ? undefined : new EdgeFunction(code, originIds),
      };
    });
    const origins = distribution.origins.map((origin) => ({ ...origin, port: portOf(origin, ports) }));
    const port = Number(this.#host.split(":")[1]);
    const { errorCaching } = distribution;
    return await startCloudFront({
      origins,
      behaviours,
      errorCaching,
      stats: this.#stats,
      reportProblem,
      port,
    });
  }

  /** Returns the endpoints, credentials and names that programs need to access records and blobs directly. */
  #location(): object {
    const { s3Url, dynamoUrl, env } = this.#servers;
    return { endpoints: { s3Url, dynamoUrl }, env, variables: this.#deployment.webFunction.variables };
  }
}

function portOf({ domainName }: OriginModel, ports: ReadonlyMap<string, number>): Origin["port"] {
  const port = ports.get(domainName);
  if (port === undefined) throw new Error(`origin not in the stack: ${domainName}`);
  return port;
}

/** Removes the hash that CDK appends to a logical ID. */
function withoutHash(id: string): string {
  return id.replace(/[0-9A-F]{8}$/, "");
}

function reportProblem(problem: string): void {
  console.error(`cloud: ${problem}`);
}
