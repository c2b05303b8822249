/** From what discovery found to what is scraped: special labels, relabelling, URL. A pure function. */
import { createHash } from "node:crypto";
import { formatDuration, Labels, tryParseDuration } from "@binnacle/model";
import type { ScrapeConfig } from "../config/scrape-config.ts";
import { relabel, type LabelMap } from "../relabel/relabel.ts";

/** A thing to scrape. `key` tells targets of a job apart: same labels and URL are the same target. */
export interface Target {
  readonly key: string;
  readonly labels: Labels;
  readonly discoveredLabels: Labels;
  readonly url: string;
  readonly intervalMs: number;
  readonly timeoutMs: number;
  /** 0 ≤ hash < 2^48: where in its interval the target is scraped. */
  readonly hash: number;
}

export type TargetPlan =
  | { readonly kind: "active"; readonly target: Target }
  | { readonly kind: "dropped"; readonly discoveredLabels: Labels }
  | { readonly kind: "invalid"; readonly discoveredLabels: Labels; readonly reason: string };

export function planTarget(found: Labels, config: ScrapeConfig): TargetPlan {
  const map: LabelMap = new Map(found.entries());
  for (const [name, value] of specialLabels(config)) if (!map.has(name)) map.set(name, value);
  const discoveredLabels = Labels.from(map);
  if (!relabel(map, config.relabelConfigs)) return { kind: "dropped", discoveredLabels };

  const invalid = (reason: string): TargetPlan => ({ kind: "invalid", discoveredLabels, reason });
  const address = map.get("__address__") ?? "";
  if (address === "") return invalid("no address: __address__ is empty after relabelling");
  if (address.includes("/"))
    return invalid(`${JSON.stringify(address)} is not a valid address: it has a slash`);
  const scheme = map.get("__scheme__") ?? "";
  if (scheme !== "http" && scheme !== "https") {
    return invalid(`__scheme__ is ${JSON.stringify(scheme)}, expected http or https`);
  }
  const intervalMs = tryParseDuration(map.get("__scrape_interval__") ?? "") ?? 0;
  const timeoutMs = tryParseDuration(map.get("__scrape_timeout__") ?? "") ?? 0;
  if (intervalMs === 0) return invalid("__scrape_interval__ is not a duration over 0");
  if (timeoutMs === 0) return invalid("__scrape_timeout__ is not a duration over 0");
  if (timeoutMs > intervalMs) return invalid("__scrape_timeout__ is longer than __scrape_interval__");

  const url = targetUrl(map, config, scheme, address);
  if (url === undefined) return invalid(`${scheme}://${address} is not a valid URL`);
  const kept: [string, string][] = [...map].filter(([name]) => !name.startsWith("__"));
  if (!map.has("instance")) kept.push(["instance", address]);
  const labels = Labels.from(kept);
  const key = `${labels.key()} ${url}`;
  const hash = createHash("md5").update(key).digest().readUIntBE(0, 6);
  return {
    kind: "active",
    target: { key, labels, discoveredLabels, url, intervalMs, timeoutMs, hash },
  };
}

function specialLabels(config: ScrapeConfig): [string, string][] {
  const labels: [string, string][] = [
    ["job", config.jobName],
    ["__scrape_interval__", formatDuration(config.scrapeIntervalMs)],
    ["__scrape_timeout__", formatDuration(config.scrapeTimeoutMs)],
    ["__metrics_path__", config.metricsPath],
    ["__scheme__", config.scheme],
  ];
  for (const [name, values] of Object.entries(config.params)) {
    if (values[0] !== undefined && values[0] !== "") labels.push([`__param_${name}`, values[0]]);
  }
  return labels;
}

/** Parameters of the configuration, the first of each replaced by its `__param_` label; sorted by name. */
function targetUrl(map: LabelMap, config: ScrapeConfig, scheme: string, address: string): string | undefined {
  const params = new Map(Object.entries(config.params).map(([name, values]) => [name, [...values]]));
  for (const [name, value] of map) {
    if (!name.startsWith("__param_")) continue;
    const param = name.slice("__param_".length);
    params.set(param, [value, ...(params.get(param) ?? []).slice(1)]);
  }
  const query = new URLSearchParams();
  for (const name of [...params.keys()].sort())
    for (const value of params.get(name)!) query.append(name, value);
  const path = map.get("__metrics_path__") ?? "";
  const url = URL.parse(`${scheme}://${address}${path.startsWith("/") ? "" : "/"}${path}`);
  if (url === null) return undefined;
  const text = query.toString();
  if (text !== "") url.search = url.search === "" ? text : `${url.search}&${text}`;
  return url.href;
}
