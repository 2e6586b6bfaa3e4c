import { afterAll, beforeAll } from "vitest";
import type { RecordStore } from "../../../lib/ports/record-store.ts";
import type { Opened } from "../opened.ts";
import { recordConditions } from "./records/conditions.ts";
import { recordFields } from "./records/fields.ts";
import { RecordsLab } from "./records/lab.ts";
import { recordModel } from "./records/model.ts";
import { recordQueries } from "./records/queries.ts";
import { recordRaces } from "./records/races.ts";
import { singleRecords } from "./records/single.ts";

/** Contract of record stores; must be called within a `describe`. */
export function recordsContract(open: () => Promise<Opened<RecordStore>>): void {
  const lab = new RecordsLab(open);
  beforeAll(() => lab.start());
  afterAll(() => lab.stop());

  singleRecords(lab);
  recordFields(lab);
  recordQueries(lab);
  recordConditions(lab);
  recordRaces(lab);
  recordModel(lab);
}
