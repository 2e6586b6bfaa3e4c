import { afterAll, beforeAll } from "vitest";
import type { RecordStore } from "../../../lib/ports/record-store.ts";
import type { Opened } from "../opened.ts";
import { recordConditions } from "./records/conditions.ts";
import { recordFields } from "./records/fields.ts";
import { recordModel } from "./records/model.ts";
import { recordQueries } from "./records/queries.ts";
import { recordRaces } from "./records/races.ts";
import { RecordsContext } from "./records/records-context.ts";
import { singleRecords } from "./records/single.ts";

/** Contract of record stores; must be called within a `describe`. */
export function recordsContract(open: () => Promise<Opened<RecordStore>>): void {
  const context = new RecordsContext(open);
  beforeAll(() => context.start());
  afterAll(() => context.stop());

  singleRecords(context);
  recordFields(context);
  recordQueries(context);
  recordConditions(context);
  recordRaces(context);
  recordModel(context);
}
