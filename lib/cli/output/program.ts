/** Environment variable in which `npm run` passes the name of the script. */
const SCRIPT_VARIABLE = "npm_lifecycle_event";

/** Returns the command line that runs this program: in a checkout that of npm, where `dockless` is not on the PATH. */
export function formatProgram(script: string | undefined = process.env[SCRIPT_VARIABLE]): string {
  return script === "dockless" || script === "start" ? "npm run -s dockless --" : "dockless";
}
