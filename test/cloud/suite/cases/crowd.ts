import { requireNone } from "../../../soak/report.ts";
import { Journal } from "../../../soak/support/journal.ts";
import { audit } from "../../../stores/audit.ts";
import { pushAtOnce } from "../../../stores/support/crowd.ts";
import type { Stage } from "../stage.ts";

/** Guarantee: after concurrent pushes the tag names one of the pushed images, which is complete. */
export async function runCrowd({ report, cloud, mode, options }: Stage): Promise<void> {
  const rounds = options.quick ? 3 : 30;
  for (const what of ["the same image", "ten images"] as const) {
    await report.case(
      `${mode}: ten clients push ${what} to one tag concurrently, ${rounds} times`,
      async () => {
        const journal = new Journal();
        const seed = `${options.seed}/${what}`;
        const figures = await pushAtOnce({
          url: cloud.url,
          journal,
          seed,
          rounds,
          same: what === "the same image",
        });
        const found = await audit(cloud.url, cloud.location, journal);
        return requireNone(found.problems, `${figures}; ${found.figures}`);
      },
    );
  }
}
