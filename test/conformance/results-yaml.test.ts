import { expect, it } from "vitest";
import { findUntested } from "./results-yaml.ts";

const COMPLETE = `config:
  registry: 127.0.0.1:5000
  apis:
    ping: true
    blobs:
      atomic: true
  data:
    image: true
apis:
  Blob post only: Pass
  Tag listing: FAIL
data:
  Image: Pass
`;

it("finds no omissions in a complete report", () => {
  expect(findUntested(COMPLETE)).toEqual([]);
});

it.each([
  ["a switch that is off", ["atomic: true", "atomic: false"], ["the switch atomic is off"]],
  ["an API that was not tested", ["only: Pass", "only: Disabled"], ["apis: Blob post only: Disabled"]],
  [
    "an API that the program skipped as unsupported",
    ["only: Pass", "only: Skip"],
    ["apis: Blob post only: Skip"],
  ],
  ["a data set that was not tested", ["  Image: Pass", "  Image: Unknown"], ["data: Image: Unknown"]],
])("finds %s", (_, [from = "", to = ""], found) => {
  expect(findUntested(COMPLETE.replace(from, to))).toEqual(found);
});

it("reports missing sections in an empty report", () => {
  expect(findUntested("")).toEqual(["no apis in results.yaml", "no data in results.yaml"]);
});
