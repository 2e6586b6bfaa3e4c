/** The parts of a region name: https://docs.aws.amazon.com/general/latest/gr/sts.html */
const AREA = "(?:af|ap|ca|eu|il|me|mx|sa|us|us-gov)";
const SIDE = "(?:central|north|northeast|northwest|south|southeast|southwest|east|west)";
const REGION = `${AREA}-${SIDE}-[1-9]`;

/** All regional hosts of STS. FIPS hosts differ in four regions only; in us-gov the regular hosts are FIPS hosts. */
const REGIONAL_HOSTS = [
  new RegExp(`^sts\\.(?<region>${REGION})\\.amazonaws\\.com$`),
  /^sts-fips\.(?<region>us-(?:east|west)-[12])\.amazonaws\.com$/,
  /^sts\.(?<region>cn-(?:north|northwest)-1)\.amazonaws\.com\.cn$/,
];

const GLOBAL_HOST = "sts.amazonaws.com";

/** Returns the region for which a request to the host is signed; undefined when it is not an STS host. */
export function regionOfHost(host: string): string | undefined {
  if (host === GLOBAL_HOST) return "us-east-1";
  return REGIONAL_HOSTS.map((pattern) => pattern.exec(host)?.groups?.["region"]).find(
    (region) => region !== undefined,
  );
}

/** Returns the regional host of STS; undefined when the region does not exist. */
export function hostOfRegion(region: string): string | undefined {
  const host = `sts.${region}.amazonaws.com${region.startsWith("cn-") ? ".cn" : ""}`;
  return regionOfHost(host) === region ? host : undefined;
}
