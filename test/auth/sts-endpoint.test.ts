import { expect, it } from "vitest";
import { parseStsEndpoint } from "../../lib/auth/aws/endpoint.ts";

it.each([
  [undefined, undefined],
  ["", undefined],
  [
    "https://vpce-1.sts.eu-central-1.vpce.amazonaws.com",
    "https://vpce-1.sts.eu-central-1.vpce.amazonaws.com",
  ],
  ["https://sts.example.com/", "https://sts.example.com"],
  ["http://127.0.0.1:4566", "http://127.0.0.1:4566"],
  ["http://localhost:4566/", "http://localhost:4566"],
  ["http://[::1]:4566", "http://[::1]:4566"],
])("parseStsEndpoint returns for %j the origin %j", (text, origin) => {
  expect(parseStsEndpoint(text)).toBe(origin);
});

it.each([
  "sts.example.com",
  "http://sts.example.com",
  "http://127.0.0.1.example.com",
  "http://127.0.0.1@example.com",
  "https://user:secret@sts.example.com",
  "https://sts.example.com/path",
  "https://sts.example.com/?query",
  "https://sts.example.com/#fragment",
  "file:///etc/passwd",
])("parseStsEndpoint rejects %s", (text) => {
  expect(() => parseStsEndpoint(text)).toThrow("invalid AWS_ENDPOINT_URL_STS");
});
