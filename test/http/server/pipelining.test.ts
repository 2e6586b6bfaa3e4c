import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, it } from "vitest";
import { parseAnswer } from "../../support/client.ts";
import { digestOf, sampleBytes } from "../content.ts";
import { inEveryHome } from "../lab.ts";
import { pushBlob } from "../push.ts";

inEveryHome("a connection with several requests at once", (lab) => {
  const request = (method: string, path: string, more = "") =>
    `${method} ${path} HTTP/1.1\r\nHost: registry\r\n${more}\r\n`;

  it("is answered in the order of the requests", async () => {
    const answers = await lab.client.exchange(
      request("GET", "/v2/A/tags/list") +
        request("GET", "/v2/") +
        request("GET", "/nowhere", "Connection: close\r\n"),
    );
    expect([...answers.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => status)).toEqual([
      "400",
      "200",
      "404",
    ]);
  });

  it("does each thing only after the one before", async () => {
    const repository = lab.newRepository();
    const content = sampleBytes(1000, "pushed and pulled at once").toString("latin1");
    const digest = digestOf(Buffer.from(content, "latin1"));
    const blob = `/v2/${repository}/blobs/${digest}`;
    const answers = await lab.client.exchange(
      request("HEAD", blob) +
        request("POST", `/v2/${repository}/blobs/uploads/?digest=${digest}`, "Content-Length: 1000\r\n") +
        content +
        request("HEAD", blob) +
        request("DELETE", blob) +
        request("HEAD", blob, "Connection: close\r\n"),
    );
    expect([...answers.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => status)).toEqual([
      ...["404", "201", "200", "202", "404"],
    ]);
  });

  it("is closed when there are more than a hundred, and others are served", async () => {
    const answers = await lab.client.exchange(request("GET", "/v2/").repeat(500));
    expect([...answers.matchAll(/HTTP\/1\.1 200/g)].length).toBeLessThan(200);
    expect(await lab.client.exchange(request("GET", "/v2/", "Connection: close\r\n"))).toMatch(
      /^HTTP\/1.1 200/,
    );
  });

  it("that ends in something else still gets every byte of the blob before, and no other bytes among them", async () => {
    const repository = lab.newRepository();
    const content = Buffer.concat(Array.from({ length: 64 }, (_, index) => sampleBytes(65_536, `${index}`)));
    const digest = await pushBlob(lab.client, repository, content);
    const answers = await lab.client.exchange(
      `${request("GET", `/v2/${repository}/blobs/${digest}`)}nonsense\r\n\r\n`,
    );
    const body = Buffer.from(answers.slice(answers.indexOf("\r\n\r\n") + 4), "latin1");
    // The server may close the connection early, which a client notices; it must not put anything else in.
    expect(content.subarray(0, body.length).equals(body.subarray(0, content.length))).toBe(true);
  });

  it("is not read on after a request that was refused for its framing", async () => {
    const smuggled = request("DELETE", "/v2/");
    const answers = await lab.client.exchange(
      request("POST", "/v2/a/blobs/uploads/", "Content-Length: 0\r\nTransfer-Encoding: chunked\r\n") +
        smuggled,
    );
    expect([...answers.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => status)).toEqual(["400"]);
  });

  it("of which one has a body is not confused by it", async () => {
    const repository = lab.newRepository();
    const inner = request("GET", "/nowhere");
    const target = `/v2/${repository}/blobs/uploads/?digest=${digestOf(inner)}`;
    const answers = await lab.client.exchange(
      request("POST", target, `Content-Length: ${inner.length}\r\n`) +
        inner +
        request("GET", "/v2/", "Connection: close\r\n"),
    );
    expect([...answers.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => status)).toEqual(["201", "200"]);
  });

  it.each(["Content-Length: 5\r\n", "Transfer-Encoding: chunked\r\n"])(
    "gets its blob even when a body comes with the question, and late: %s",
    async (framing) => {
      const repository = lab.newRepository();
      const content = sampleBytes(300_000, framing);
      const digest = await pushBlob(lab.client, repository, content);
      const socket = lab.client.connect().setTimeout(5000, () => socket.destroy(new Error("no answer")));
      socket.write(request("GET", `/v2/${repository}/blobs/${digest}`, `Connection: close\r\n${framing}`));
      await sleep(50);
      socket.write(framing.startsWith("C") ? "abcde" : "5\r\nabcde\r\n0\r\n\r\n");
      const { status, headers, body } = parseAnswer(await text(socket.setEncoding("latin1")));
      if (status === 307) expect(headers.location).toBeDefined();
      else expect([status, body.equals(content)]).toEqual([200, true]);
    },
  );
});
