import type { Step } from "../../auth/access-file/access-plan.ts";
import type { Applied } from "../../auth/access-file/apply-access-file.ts";
import { whyFailed } from "./failure.ts";
import { formatTable } from "./table.ts";

interface Printable extends Omit<Applied, "failure"> {
  readonly failure?: string;
}

/** Puts the failure into one line. */
export function printableOf({ failure, ...applied }: Applied): Printable {
  return failure === undefined ? applied : { ...applied, failure: whyFailed(failure) };
}

export function formatApplied({ steps, secrets }: Printable): string {
  const plan = formatTable(
    ["CHANGE", "KIND", "NAME", "WHAT"],
    steps.map((step) => [step.change, step.kind, step.name, whatOf(step)]),
  );
  const shown = formatTable(
    ["NAME", "SECRET, NOT SHOWN AGAIN"],
    secrets.map(({ name, secret }) => [name, secret]),
  );
  return `${steps.length === 0 ? "nothing to change\n" : plan}${secrets.length === 0 ? "" : `\n${shown}`}`;
}

function whatOf({ change, before, after }: Applied["steps"][number]): string {
  switch (change) {
    case "missing":
      return "is made with --create";
    case "extra":
      return "is removed with --prune-accounts";
    case "change":
      return `${describe(before)} -> ${describe(after)}`;
    default:
      return describe(after ?? before);
  }
}

/** What there is to tell of a record beyond its name. */
function describe(value: Step["after"]): string {
  const { name: _, url: __, ...rest }: Readonly<Record<string, unknown>> = { ...value };
  return Object.entries(rest)
    .map(([field, item]) => `${field}: ${Array.isArray(item) ? item.join(",") || "-" : JSON.stringify(item)}`)
    .join("; ");
}
