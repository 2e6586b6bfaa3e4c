import { describe, expect, it } from "vitest";
import { type Fetch, fetchBounded, IdentitySourceUnavailableError } from "../../lib/auth/fetch-bounded.ts";

const REQUEST = {
  url: "https://issuer.example",
  headers: { accept: "text/plain" },
  maxBytes: 5,
  timeout: 1000,
};

const respond =
  (body: string | ReadableStream | null, status = 200): Fetch =>
  async () =>
    new Response(body, { status });

describe("a request to an identity source", () => {
  it("sends the headers and does not follow redirects", async () => {
    const requests: [string, RequestInit][] = [];
    await fetchBounded(async (...request) => {
      requests.push(request);
      return new Response("");
    }, REQUEST);
    const init = { headers: { accept: "text/plain" }, redirect: "manual" };
    expect(requests).toMatchObject([["https://issuer.example", init]]);
  });

  it.each([200, 299, 400, 404, 500])("returns the status %d and the text", async (status) => {
    expect(await fetchBounded(respond("text", status), REQUEST)).toEqual({ status, text: "text" });
  });

  it("returns an empty text without a body", async () => {
    expect(await fetchBounded(respond(null), REQUEST)).toEqual({ status: 200, text: "" });
  });

  it("returns a response of the maximum size and rejects a longer one", async () => {
    expect((await fetchBounded(respond("12345"), REQUEST)).text).toBe("12345");
    await expect(fetchBounded(respond("123456"), REQUEST)).rejects.toThrow(
      "the response is longer than 5 bytes",
    );
  });

  it.each([300, 302, 399])("rejects a redirect with %d and releases the connection", async (status) => {
    let isCancelled = false;
    const body = new ReadableStream({
      cancel: () => {
        isCancelled = true;
      },
    });
    await expect(fetchBounded(respond(body, status), REQUEST)).rejects.toThrow(
      "responded with a redirect, which is not followed",
    );
    expect(isCancelled).toBe(true);
  });

  it.each<[string, unknown, string]>([
    ["an error", new Error("broken"), "unreachable (broken)"],
    ["an error with a cause", new Error("outer", { cause: new Error("inner") }), "unreachable (inner)"],
    ["an error with another cause", new Error("outer", { cause: "text" }), "unreachable (outer)"],
    ["a value that is not an error", "a text", "unreachable (a text)"],
  ])("reports the reason of a failure for %s", async (_, reason, message) => {
    const failed = await fetchBounded(() => Promise.reject(reason), REQUEST).catch((error: unknown) => error);
    expect(failed).toBeInstanceOf(IdentitySourceUnavailableError);
    expect(failed).toMatchObject({ message, cause: reason });
  });

  it("reports a timeout of the response", async () => {
    const never: Fetch = (_, { signal }) =>
      new Promise((_, reject) => signal?.addEventListener("abort", () => reject(signal.reason)));
    const request = { ...REQUEST, timeout: 5 };
    await expect(fetchBounded(never, request)).rejects.toThrow("no response within 5 ms");
  });
});
