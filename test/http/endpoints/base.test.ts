import { expect, it } from "vitest";
import { failureOf } from "../responses.ts";
import { forEachBackend } from "../test-context.ts";

forEachBackend("the base of the API", (context) => {
  it.each(["/v2/", "/v2"])("returns 200 and the API version to GET %s", async (path) => {
    const { status, headers, body } = await context.client.get(path);
    expect({ status, body: body.toString() }).toEqual({ status: 200, body: "{}" });
    expect(headers).toMatchObject({
      "content-type": "application/json",
      "content-length": "2",
      "docker-distribution-api-version": "registry/2.0",
    });
  });

  it("returns the same headers to HEAD", async () => {
    const { status, headers, body } = await context.client.head("/v2/");
    expect({ status, length: headers["content-length"], body: body.length }).toEqual({
      status: 200,
      length: "2",
      body: 0,
    });
  });

  it.each([
    ["/v2/", "GET, HEAD"],
    ["/v2/_catalog", "GET, HEAD"],
    ["/v2/a/tags/list", "GET, HEAD"],
    ["/v2/a/manifests/latest", "GET, HEAD, PUT, DELETE"],
    [`/v2/a/blobs/sha256:${"0".repeat(64)}`, "GET, HEAD, DELETE"],
    ["/v2/a/blobs/uploads/", "POST"],
    ["/v2/a/blobs/uploads/1", "GET, HEAD, PATCH, PUT, DELETE"],
    [`/v2/a/referrers/sha256:${"0".repeat(64)}`, "GET, HEAD"],
  ])("rejects OPTIONS of %s with the allowed methods %s", async (path, allow) => {
    const response = await context.client.send("OPTIONS", path);
    expect(failureOf(response)).toEqual([405, "UNSUPPORTED"]);
    expect(response.headers.allow?.split(", ").sort()).toEqual(allow.split(", ").sort());
  });

  it("serves several requests on one connection", async () => {
    const request = "GET /v2/ HTTP/1.1\r\nHost: registry\r\n";
    const responses = await context.client.exchange(
      [`${request}\r\n`, `${request}\r\n`, `${request}Connection: close\r\n\r\n`].join(""),
    );
    expect(responses.match(/HTTP\/1\.1 200 OK/g)).toHaveLength(3);
  });

  it("accepts a request target in absolute form, as RFC 9112, section 3.2.2 requires", async () => {
    const target = `${context.client.url.origin}/v2/`;
    const response = await context.client.exchange(
      `GET ${target} HTTP/1.1\r\nHost: ${context.client.url.host}\r\nConnection: close\r\n\r\n`,
    );
    expect(response).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
  });
});
