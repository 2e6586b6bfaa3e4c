import { expectEqual } from "../clients/support/expect.ts";

/** Origin of the web page that may call the registries. */
export const WEB_PAGE_ORIGIN = "https://ui.example.com";

/** Verifies that preflight requests reach the registry, and that a web page can read its challenge. @returns figures */
export async function expectWebPageAccess(url: string): Promise<string> {
  const headers = { origin: WEB_PAGE_ORIGIN, "access-control-request-method": "PUT" };
  const paths = ["/v2/", "/v2/a/manifests/latest", "/v2/a/blobs/uploads/x", "/token"];
  for (const path of paths) {
    const preflight = await fetch(new URL(path, url), { method: "OPTIONS", headers });
    expectEqual(`status of OPTIONS ${path}`, preflight.status, 204);
    expectAllowed(`OPTIONS ${path}`, preflight);
  }
  const challenged = await fetch(new URL("/v2/", url), { headers: { origin: WEB_PAGE_ORIGIN } });
  await challenged.body?.cancel();
  expectEqual("status of GET /v2/", challenged.status, 401);
  expectAllowed("GET /v2/", challenged);
  return `${paths.length} preflight requests`;
}

function expectAllowed(what: string, { headers }: Response): void {
  expectEqual(`origin that ${what} allows`, headers.get("access-control-allow-origin"), WEB_PAGE_ORIGIN);
}
