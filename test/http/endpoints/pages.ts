import { expect } from "vitest";
import type { Client, ReceivedResponse } from "../../support/client.ts";

/** Returns the path of the next page from a `Link` header: https://www.rfc-editor.org/rfc/rfc5988.html */
export function nextOf(response: ReceivedResponse): string | undefined {
  const { link } = response.headers;
  if (link === undefined) return undefined;
  const next = /^<(\/v2\/[^>]+)>; rel="next"$/.exec(String(link))?.[1];
  expect(next).toBeDefined();
  return next;
}

export async function pagesFrom(client: Client, path: string, key: string): Promise<readonly string[][]> {
  const pages: string[][] = [];
  for (let next: string | undefined = path; next !== undefined; ) {
    const response: ReceivedResponse = await client.get(next);
    expect([response.status, response.headers["content-type"]]).toEqual([200, "application/json"]);
    pages.push(JSON.parse(response.body.toString())[key]);
    expect(pages.length).toBeLessThan(100);
    next = nextOf(response);
  }
  return pages;
}
