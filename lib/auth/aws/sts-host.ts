/** The parts of a region's name: https://docs.aws.amazon.com/general/latest/gr/sts.html */
const AREA = "(?:af|ap|ca|eu|il|me|mx|sa|us|us-gov)";
const SIDE = "(?:central|north|northeast|northwest|south|southeast|southwest|east|west)";
const REGION = `${AREA}-${SIDE}-[1-9]`;

/** STS has no name but these; FIPS has names of its own in four regions, and the usual ones in us-gov. */
const HOSTS = [
  new RegExp(`^sts\\.(?<region>${REGION})\\.amazonaws\\.com$`),
  /^sts-fips\.(?<region>us-(?:east|west)-[12])\.amazonaws\.com$/,
  /^sts\.(?<region>cn-(?:north|northwest)-1)\.amazonaws\.com\.cn$/,
];

const GLOBAL_HOST = "sts.amazonaws.com";

/** The region for which a request to this host is signed; undefined when it is no host of STS. */
export function regionOfHost(host: string): string | undefined {
  if (host === GLOBAL_HOST) return "us-east-1";
  return HOSTS.map((pattern) => pattern.exec(host)?.groups?.["region"]).find(
    (region) => region !== undefined,
  );
}

/** Undefined when there is no such region. */
export function hostOfRegion(region: string): string | undefined {
  const host = `sts.${region}.amazonaws.com${region.startsWith("cn-") ? ".cn" : ""}`;
  return regionOfHost(host) === region ? host : undefined;
}
