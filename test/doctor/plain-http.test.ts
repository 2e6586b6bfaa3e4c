import { createServer } from "node:http";
import { expect, it } from "vitest";
import { listen } from "../../local-cloud/support/listen.ts";
import { runDoctor } from "./run-doctor.ts";

it("names plain HTTP as the cause when an https URL leads to a server without TLS", async () => {
  const server = await listen(createServer((_, response) => response.end()));
  try {
    const run = await runDoctor(server.url.replace("http:", "https:"));
    expect(run.exitCode).toBe(2);
    const failed = run.results.find(({ status }) => status === "failed");
    expect(failed).toMatchObject({
      actual: "ERR_SSL_WRONG_VERSION_NUMBER",
      cause: "the server speaks plain HTTP, not TLS",
    });
  } finally {
    await server.stop();
  }
});
