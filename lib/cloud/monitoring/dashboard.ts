import { Aws } from "aws-cdk-lib";
import { Dashboard, GraphWidget, type IMetric } from "aws-cdk-lib/aws-cloudwatch";
import type { Construct } from "constructs";
import { CLOUDFRONT_REGION, type RegistryMetrics } from "./metrics.ts";

/** Creates a dashboard with all metrics that have alarms, and with the metrics that give them context. */
export function createDashboard(scope: Construct, metrics: RegistryMetrics): Dashboard {
  const { pull, api, http, edge, stream, throttledTable } = metrics;
  const dashboard = new Dashboard(scope, "Dashboard");
  dashboard.addWidgets(
    graph("Requests", [edge.requests], CLOUDFRONT_REGION),
    graph("CloudFront 5xx rate (%)", [edge.failureRate], CLOUDFRONT_REGION),
    graph("Bytes uploaded", [edge.uploaded], CLOUDFRONT_REGION),
  );
  dashboard.addWidgets(
    graph("Invocations", [pull.invocations, api.invocations]),
    graph("Duration (p99)", [pull.duration, api.duration, http.latency]),
    graph("5xx: API Gateway and uploads", [http.failures, stream.failures]),
  );
  dashboard.addWidgets(
    graph("Function errors", [pull.errors, api.errors, stream.errors]),
    graph("Function throttling", [pull.throttles, api.throttles]),
    graph("Table throttling", [throttledTable]),
  );
  return dashboard;
}

function graph(title: string, left: IMetric[], region: string = Aws.REGION): GraphWidget {
  return new GraphWidget({ title, left, region, width: 8, leftYAxis: { min: 0 } });
}
