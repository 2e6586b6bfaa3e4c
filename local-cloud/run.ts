import { Cloud } from "./cloud.ts";
import { parseOptions } from "./options.ts";
import { synthesize } from "./synth.ts";

const options = parseOptions();
await synthesize(options.out, options.synth);
const starting = Cloud.start(options);

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  process.once(signal, () => void starting.then((cloud) => cloud.stop()).then(() => process.exit(0)));
}
await starting;
