import type { PlanStep } from "../../auth/access-file/access-plan.ts";
import type { ApplyResult } from "../../auth/access-file/apply-access-file.ts";
import { formatError } from "./failure.ts";
import { formatTable } from "./table.ts";

/** The result of applying an access file, with the failure as text. */
interface Printable extends Omit<ApplyResult, "failure" | "warnings"> {
  readonly failure?: string;
}

/** Replaces the failure with its one-line message. Warnings are printed separately. */
export function toPrintable({ failure, warnings: _, ...applied }: ApplyResult): Printable {
  return failure === undefined ? applied : { ...applied, failure: formatError(failure) };
}

/** Formats the changes, and the secrets of new accounts, as tables. */
export function formatApplied({ steps, secrets }: Printable): string {
  const plan = formatTable(
    ["CHANGE", "KIND", "NAME", "DETAILS"],
    steps.map((step) => [step.change, step.kind, step.name, detailsOf(step)]),
  );
  const shown = formatTable(
    ["NAME", "SECRET (NOT SHOWN AGAIN)"],
    secrets.map(({ name, secret }) => [name, secret]),
  );
  return `${steps.length === 0 ? "no changes\n" : plan}${secrets.length === 0 ? "" : `\n${shown}`}`;
}

function detailsOf({ change, before, after }: ApplyResult["steps"][number]): string {
  switch (change) {
    case "missing":
      return "create it with --create";
    case "extra":
      return "remove it with --prune-accounts";
    case "change":
      return `${describe(before)} -> ${describe(after)}`;
    default:
      return describe(after ?? before);
  }
}

/** Formats all fields of a record except its name and URL. */
function describe(value: PlanStep["after"]): string {
  const { name: _, url: __, ...rest }: Readonly<Record<string, unknown>> = { ...value };
  return Object.entries(rest)
    .map(([field, item]) => `${field}: ${Array.isArray(item) ? item.join(",") || "-" : JSON.stringify(item)}`)
    .join("; ");
}
