import { dollarsFor, PRICES } from "../price-list.ts";
import { type Costs, sumCosts } from "./prices.ts";

/** Traffic of a month. Clients and registry are in the same region, so that only CloudFront charges for transfer. */
export interface Month {
  readonly title: string;
  readonly storedGb: number;
  readonly pushes: number;
  readonly pulls: number;
}

export const MONTHS: readonly Month[] = [
  { title: "nothing stored, no requests", storedGb: 0, pushes: 0, pulls: 0 },
  { title: "50 GB, idle", storedGb: 50, pushes: 0, pulls: 0 },
  { title: "50 GB, 1,000 pushes, 10,000 pulls", storedGb: 50, pushes: 1000, pulls: 10_000 },
  { title: "500 GB, 10,000 pushes, 1,000,000 pulls", storedGb: 500, pushes: 10_000, pulls: 1_000_000 },
];

const HOURS = 730;
const S3_GB = dollarsFor(PRICES.s3Storage);

/** Number of requests of one push or pull of an image with ten layers, each of which is also one request to S3 or R2. */
const PUSH_REQUESTS = 46;
const PULL_REQUESTS = 13;

/** Cost of a peer in dollars a month: list prices of us-east-1. */
export interface Peer {
  readonly title: string;
  readonly says: string;
  price(month: Month): number;
}

export const PEERS: readonly Peer[] = [
  {
    title: "ECR",
    says: "ECR: $0.10 per GB-month (checked against cloudburn.io/blog/amazon-ecr-pricing on 2026-11-21); requests are free",
    price: ({ storedGb }) => storedGb * 0.1,
  },
  {
    title: "CNCF registry on Fargate",
    says:
      "CNCF registry: one task of the smallest Fargate size (0.25 vCPU, 0.5 GB: $0.0123 per hour) behind a load " +
      "balancer ($0.0225 per hour, without its capacity units), with S3 (from memory)",
    price: ({ storedGb, pushes, pulls }) =>
      HOURS * (0.0123 + 0.0225) +
      storedGb * S3_GB +
      pushes * PUSH_REQUESTS * 5e-6 +
      pulls * PULL_REQUESTS * 4e-7,
  },
  {
    title: "Cloudflare",
    says:
      "Cloudflare's registry: Workers at $5 a month, including ten million requests, and $0.30 per further million; " +
      "R2 at $0.015 per GB-month, $4.50 per million writes and $0.36 per million reads (from memory)",
    price: ({ storedGb, pushes, pulls }) => {
      const requests = pushes * PUSH_REQUESTS + pulls * PULL_REQUESTS;
      const more = Math.max(0, requests - 10e6) * 0.3e-6;
      return 5 + more + storedGb * 0.015 + pushes * PUSH_REQUESTS * 4.5e-6 + pulls * PULL_REQUESTS * 0.36e-6;
    },
  },
];

/** Cost of a month of dockless in dollars: storage, and the rest by component. */
export interface OwnMonth {
  readonly storage: number;
  readonly costs: Costs;
}

/** Computes the cost of a month. @param push costs of one push @param pull costs of one pull */
export function ownMonth({ storedGb, pushes, pulls }: Month, push: Costs, pull: Costs): OwnMonth {
  return {
    storage: storedGb * S3_GB,
    costs: sumCosts([
      [pushes, push],
      [pulls, pull],
    ]),
  };
}
