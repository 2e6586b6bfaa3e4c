import { readFile } from "node:fs/promises";
import { join } from "node:path";

const PAGE = "docs/proxy.md";

/** Reads the recipe in a language from the documentation. */
export async function readRecipe(language: string): Promise<string> {
  const page = await readFile(join(import.meta.dirname, "../../..", PAGE), "utf8");
  const recipe = new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\`$`, "ms").exec(page)?.[1];
  if (recipe === undefined) throw new Error(`${PAGE} has no recipe in ${language}`);
  return recipe;
}

/** Replaces the places of a recipe that differ on each machine. @throws Error when one of them is not in the recipe */
export function adaptRecipe(recipe: string, places: readonly (readonly [string, string])[]): string {
  let adapted = recipe;
  for (const [placeholder, value] of places) {
    if (!adapted.includes(placeholder)) throw new Error(`the recipe does not contain ${placeholder}`);
    adapted = adapted.replaceAll(placeholder, value);
  }
  return adapted;
}
