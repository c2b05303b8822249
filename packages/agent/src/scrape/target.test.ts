import { Labels } from "@binnacle/model";
import { expect, test } from "vitest";
import { resolveScrapeConfig, scrapeConfigSchema, type ScrapeConfig } from "../config/scrape-config.ts";
import { planTarget } from "./target.ts";

function configOf(more: object = {}): ScrapeConfig {
  return resolveScrapeConfig(scrapeConfigSchema.parse({ job_name: "job", ...more }));
}

const found = (labels: Record<string, string>): Labels => Labels.fromObject(labels);

test("a plain target", () => {
  const plan = planTarget(found({ __address__: "host:80", team: "a", __meta_x: "y" }), configOf());
  expect(plan).toMatchObject({ kind: "active" });
  if (plan.kind !== "active") return;
  expect(plan.target.labels.toString()).toBe('{instance="host:80", job="job", team="a"}');
  expect(plan.target.url).toBe("http://host/metrics");
  expect(plan.target.discoveredLabels.get("__scrape_interval__")).toBe("1m");
  expect(plan.target.intervalMs).toBe(60_000);
});

test("special labels decide, and relabelling may set them", () => {
  const config = configOf({
    params: { module: ["a", "b"], other: ["c d"] },
    relabel_configs: [
      { source_labels: ["__address__"], target_label: "__param_target" },
      { target_label: "__param_module", replacement: "x" },
      { target_label: "__address__", replacement: "prober:9115" },
      { target_label: "__scheme__", replacement: "https" },
      { target_label: "__metrics_path__", replacement: "/probe" },
      { target_label: "__scrape_interval__", replacement: "5s" },
      { target_label: "__scrape_timeout__", replacement: "4s" },
      { target_label: "instance", replacement: "named" },
    ],
  });
  const plan = planTarget(found({ __address__: "site" }), config);
  expect(plan.kind).toBe("active");
  if (plan.kind !== "active") return;
  expect(plan.target.url).toBe("https://prober:9115/probe?module=x&module=b&other=c+d&target=site");
  expect(plan.target.labels.get("instance")).toBe("named");
  expect([plan.target.intervalMs, plan.target.timeoutMs]).toEqual([5_000, 4_000]);
});

test.each([
  ["no address", {}, []],
  ["slash", { __address__: "http://host" }, []],
  ["__scheme__", { __address__: "h" }, [{ target_label: "__scheme__", replacement: "gopher" }]],
  [
    "__scrape_interval__",
    { __address__: "h" },
    [{ target_label: "__scrape_interval__", replacement: "often" }],
  ],
  ["longer", { __address__: "h" }, [{ target_label: "__scrape_timeout__", replacement: "2m" }]],
  ["not a valid URL", { __address__: "h:port" }, []],
])("%s is told of a target that cannot be", (said, labels, relabelConfigs) => {
  const plan = planTarget(found(labels), configOf({ relabel_configs: relabelConfigs }));
  expect(plan).toMatchObject({ kind: "invalid" });
  if (plan.kind === "invalid") expect(plan.reason).toContain(said);
});

test("a target that relabelling drops keeps what was discovered", () => {
  const config = configOf({
    relabel_configs: [{ action: "drop", source_labels: ["__address__"], regex: "h.*" }],
  });
  const plan = planTarget(found({ __address__: "host:1" }), config);
  expect(plan.kind).toBe("dropped");
  if (plan.kind === "dropped") expect(plan.discoveredLabels.get("__address__")).toBe("host:1");
});

function keyOf(labels: Record<string, string>): string {
  const plan = planTarget(found(labels), configOf());
  return plan.kind === "active" ? plan.target.key : plan.kind;
}

test("labels and URL make the identity, not what discovery said beside them", () => {
  expect(keyOf({ __address__: "a", __meta_x: "1" })).toBe(keyOf({ __address__: "a", __meta_x: "2" }));
  expect(keyOf({ __address__: "a" })).not.toBe(keyOf({ __address__: "b" }));
});
