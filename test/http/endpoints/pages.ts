import { expect } from "vitest";
import type { Client, ReceivedResponse } from "../../support/client.ts";

/** Returns the path of the next page from a `Link` header: https://www.rfc-editor.org/rfc/rfc5988.html */
export function nextOf(answer: ReceivedResponse): string | undefined {
  const { link } = answer.headers;
  if (link === undefined) return undefined;
  const next = /^<(\/v2\/[^>]+)>; rel="next"$/.exec(String(link))?.[1];
  expect(next).toBeDefined();
  return next;
}

export async function pagesFrom(client: Client, path: string, key: string): Promise<readonly string[][]> {
  const pages: string[][] = [];
  for (let next: string | undefined = path; next !== undefined; ) {
    const answer: ReceivedResponse = await client.get(next);
    expect([answer.status, answer.headers["content-type"]]).toEqual([200, "application/json"]);
    pages.push(JSON.parse(answer.body.toString())[key]);
    expect(pages.length).toBeLessThan(100);
    next = nextOf(answer);
  }
  return pages;
}
