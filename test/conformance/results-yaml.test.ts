import { expect, it } from "vitest";
import { findLeftOut } from "./results-yaml.ts";

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

it("finds nothing omitted when everything was tried", () => {
  expect(findLeftOut(COMPLETE)).toEqual([]);
});

it.each([
  ["a switch that is off", ["atomic: true", "atomic: false"], ["the switch atomic is off"]],
  ["an API that was not tried", ["only: Pass", "only: Disabled"], ["apis: Blob post only: Disabled"]],
  ["an API thought unsupported", ["only: Pass", "only: Skip"], ["apis: Blob post only: Skip"]],
  ["a data set that was not tried", ["  Image: Pass", "  Image: Unknown"], ["data: Image: Unknown"]],
])("finds %s", (_, [from = "", to = ""], found) => {
  expect(findLeftOut(COMPLETE.replace(from, to))).toEqual(found);
});

it("finds everything omitted when there is no report", () => {
  expect(findLeftOut("")).toEqual(["no apis in results.yaml", "no data in results.yaml"]);
});
