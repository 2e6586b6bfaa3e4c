import { join } from "node:path";
import { isObject } from "../support/json.ts";
import { Properties } from "./properties.ts";
import { readJson, stackNameOf } from "./template.ts";

/** Folders whose zip files are uploaded to the asset bucket. */
export class Assets {
  readonly #folder: string;
  readonly #paths: ReadonlyMap<string, string>;

  /** @param folder output folder of `cdk synth` */
  constructor(folder: string) {
    this.#folder = folder;
    const files = new Properties("assets", readJson(join(folder, `${stackNameOf(folder)}.assets.json`))).get(
      "files",
    );
    this.#paths = new Map(Object.values(isObject(files) ? files : {}).flatMap(keysAndPath));
  }

  /** Returns the folder whose zip file is stored under the key. */
  folderOf(key: string): string {
    const path = this.#paths.get(key);
    if (path === undefined) throw new Error(`no asset with the key ${key}`);
    return join(this.#folder, path);
  }
}

function keysAndPath(value: unknown): readonly (readonly [key: string, path: string])[] {
  const file = new Properties("an asset", value);
  const source = file.object("source");
  if (source.text("packaging") !== "zip") return [];
  const destinations = file.get("destinations");
  return Object.values(isObject(destinations) ? destinations : {}).map((destination) => {
    return [new Properties("a destination", destination).text("objectKey"), source.text("path")] as const;
  });
}
