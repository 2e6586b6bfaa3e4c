import type { Properties } from "./properties.ts";

/**
 * Parses an endpoint's maximum request rate per second: "`0`, `100`, `200`, …, `1000`, `2000`, …, or `10000`".
 * @see https://docs.aws.amazon.com/lambda/latest/lambda-web/API_ThrottleConfig.html
 */
export function parseRateLimit(properties: Properties | undefined): number | undefined {
  if (properties === undefined) return undefined;
  const rate = properties.number("RateLimit");
  properties.rejectUnread();
  const step = rate <= 1000 ? 100 : 1000;
  if (rate < 0 || rate > 10_000 || rate % step !== 0)
    throw new Error(`${properties.where}.RateLimit is not supported: ${rate}`);
  return rate;
}

/**
 * Parses an endpoint's maximum number of environments: "Minimum value of 2, maximum value of 10000".
 * @see https://docs.aws.amazon.com/lambda/latest/lambda-web/API_ScalingConfig.html
 */
export function parseMaxEnvironments(properties: Properties | undefined): number | undefined {
  if (properties === undefined) return undefined;
  const count = properties.number("MaxEnvironments");
  properties.rejectUnread();
  if (count < 2 || count > 10_000)
    throw new Error(`${properties.where}.MaxEnvironments is out of range: ${count}`);
  return count;
}
