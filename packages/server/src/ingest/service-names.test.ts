import { Labels } from "@binnacle/model";
import { expect, test } from "vitest";
import { ServiceNames } from "./service-names.ts";

test.each<[Record<string, string>, string]>([
  [{ service_name: "own", app: "a" }, "own"],
  [{ app: "a", job: "j" }, "a"],
  [{ job: "j", container: "c" }, "c"],
  [{ pod: "p" }, "unknown_service"],
])("the service of %j is %s", (labels, service) => {
  const stream = {
    labels: Labels.fromObject(labels),
    timesNs: BigInt64Array.of(0n),
    lines: [],
    metadata: undefined,
  };
  const [named] = new ServiceNames().addTo([stream]);
  expect(named!.labels.get("service_name")).toBe(service);
});
