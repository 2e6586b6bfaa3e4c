import { join } from "node:path";
import { Aws, Duration } from "aws-cdk-lib";
import { type IOrigin, OriginProtocolPolicy } from "aws-cdk-lib/aws-cloudfront";
import { VpcOrigin } from "aws-cdk-lib/aws-cloudfront-origins";
import type { IMetric } from "aws-cdk-lib/aws-cloudwatch";
import { type IVpc, Peer, Port, SecurityGroup } from "aws-cdk-lib/aws-ec2";
import { Platform } from "aws-cdk-lib/aws-ecr-assets";
import {
  Cluster,
  ContainerImage,
  ContainerInsights,
  CpuArchitecture,
  FargateService,
  FargateTaskDefinition,
  type ICluster,
  LogDrivers,
  OperatingSystemFamily,
} from "aws-cdk-lib/aws-ecs";
import {
  ApplicationLoadBalancer,
  ApplicationProtocol,
  HttpCodeElb,
} from "aws-cdk-lib/aws-elasticloadbalancingv2";
import type { LogGroup } from "aws-cdk-lib/aws-logs";
import { Construct } from "constructs";
import { acknowledgeFindings } from "../acknowledge.ts";
import { ORIGIN_IDS } from "../edge/origin-ids.ts";
import { createLogGroup } from "../logs.ts";
import { FIVE_MINUTE_SUM } from "../monitoring/metrics.ts";
import { createServiceRole, grantWrite } from "../permissions.ts";
import { createNetwork } from "./network.ts";
import { READ_TIMEOUT_SECONDS, type Uploads, type UploadsProps } from "./uploads.ts";

/** Folder of the Dockerfile. */
const ROOT = join(import.meta.dirname, "../../..");

const PORT = 5000;

/**
 * Idle timeout of the load balancer: longer than CloudFront's, and shorter than the server's, which must not close a connection
 * while a request is being sent: lib/http/server/node.ts
 */
const IDLE_TIMEOUT = Duration.seconds(READ_TIMEOUT_SECONDS + 5);

/** Time that a replaced task has to finish its uploads. */
const DRAINING_TIME = Duration.minutes(15);

const MAX_TASKS = 4;

/** Registry in an always-running container: `dockless serve` behind a load balancer that only CloudFront can reach. */
export class FargateUploads extends Construct implements Uploads {
  readonly origin: IOrigin;
  readonly publicHost = undefined;
  readonly logs: LogGroup;
  readonly failures: IMetric;

  constructor(scope: Construct, id: string, props: UploadsProps) {
    super(scope, id);
    this.logs = createLogGroup(this, "Logs", { retention: props.logRetention });
    const vpc = createNetwork(this, { logRetention: props.logRetention });
    const service = this.#service(vpc, this.#task(props));
    const balancer = this.#balancer(vpc, service);
    this.failures = balancer.metrics.httpCodeElb(HttpCodeElb.ELB_5XX_COUNT, {
      ...FIVE_MINUTE_SUM,
      label: "stream",
    });
    this.origin = VpcOrigin.withApplicationLoadBalancer(balancer, {
      originId: ORIGIN_IDS.stream,
      readTimeout: Duration.seconds(READ_TIMEOUT_SECONDS),
      customHeaders: props.originSecrets.headers,
      protocolPolicy: OriginProtocolPolicy.HTTP_ONLY,
    });
  }

  #task({ storage, environment, originSecrets }: UploadsProps): FargateTaskDefinition {
    const taskRole = createServiceRole(this, "ecs-tasks.amazonaws.com");
    grantWrite(taskRole, storage);
    const task = new FargateTaskDefinition(this, "Task", {
      cpu: 512,
      memoryLimitMiB: 2048,
      runtimePlatform: {
        cpuArchitecture: CpuArchitecture.ARM64,
        operatingSystemFamily: OperatingSystemFamily.LINUX,
      },
      taskRole,
    });
    task.addContainer("dockless", {
      image: ContainerImage.fromAsset(ROOT, { platform: Platform.LINUX_ARM64 }),
      command: ["serve", "--behind-edge"],
      environment: { ...environment, AWS_REGION: Aws.REGION },
      secrets: originSecrets.containerEnvironment,
      portMappings: [{ containerPort: PORT }],
      logging: LogDrivers.awsLogs({ logGroup: this.logs, streamPrefix: "dockless" }),
      stopTimeout: Duration.minutes(2),
    });
    acknowledgeFindings(task, "The variables are names and settings; none of them is a secret.", "ECS2");
    acknowledgeFindings(
      task,
      "ecr:GetAuthorizationToken does not support resource-level permissions.",
      "IAM5[Resource::*]",
    );
    return task;
  }

  /** Creates the service. It has a public address to pull its image, but admits only traffic from the load balancer. */
  #service(vpc: IVpc, taskDefinition: FargateTaskDefinition): FargateService {
    const cluster = new Cluster(this, "Cluster", { vpc, containerInsightsV2: ContainerInsights.ENABLED });
    const service = new FargateService(this, "Service", {
      // CDK's classes do not compile with `exactOptionalPropertyTypes`.
      cluster: cluster as ICluster,
      taskDefinition,
      assignPublicIp: true,
      minHealthyPercent: 100,
      circuitBreaker: { rollback: true },
    });
    const scaling = service.autoScaleTaskCount({ minCapacity: 1, maxCapacity: MAX_TASKS });
    scaling.scaleOnCpuUtilization("Cpu", { targetUtilizationPercent: 60 });
    scaling.scaleOnMemoryUtilization("Memory", { targetUtilizationPercent: 50 });
    return service;
  }

  #balancer(vpc: IVpc, service: FargateService): ApplicationLoadBalancer {
    const securityGroup = new SecurityGroup(this, "BalancerGroup", { vpc, allowAllOutbound: false });
    securityGroup.addIngressRule(Peer.anyIpv4(), Port.HTTP, "CloudFront");
    const balancer = new ApplicationLoadBalancer(this, "Balancer", {
      vpc,
      internetFacing: false,
      securityGroup,
      idleTimeout: IDLE_TIMEOUT,
      dropInvalidHeaderFields: true,
    });
    balancer.addListener("Http", { port: 80, open: false }).addTargets("Tasks", {
      port: PORT,
      protocol: ApplicationProtocol.HTTP,
      targets: [service],
      healthCheck: { path: "/healthz" },
      deregistrationDelay: DRAINING_TIME,
    });
    acknowledgeFindings(
      securityGroup,
      "The load balancer has no public address: only CloudFront's VPC origin reaches it.",
      "EC23",
    );
    acknowledgeFindings(balancer, "The registry itself logs each request.", "ELB2");
    return balancer;
  }
}
