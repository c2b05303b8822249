/** A target's labels and those it exposes, together, and who wins. */
import { Labels } from "@binnacle/model";
import type { ScrapeConfig } from "../config/scrape-config.ts";

/**
 * Without honor_labels the target's labels win, and an exposed label of the same name moves to
 * `exported_<name>` (and again, until the name is free). With it the exposed one wins.
 */
export function mergeTargetLabels(exposed: Labels, target: Labels, honorLabels: boolean): Labels {
  const merged = new Map(exposed.entries());
  const displaced: [string, string][] = [];
  for (const [name, value] of target.entries()) {
    const existing = merged.get(name);
    if (existing !== undefined && honorLabels) continue;
    if (existing !== undefined) displaced.push([name, existing]);
    merged.set(name, value);
  }
  // Shorter names first, so that two that would meet at one name always come out the same way.
  displaced.sort(([a], [b]) => a.length - b.length);
  for (const [name, value] of displaced) {
    let free = `exported_${name}`;
    while (merged.has(free)) free = `exported_${free}`;
    merged.set(free, value);
  }
  return Labels.from(merged);
}

/**
 * Throws when a series passes a limit of its job: one such series fails the whole scrape, as in Prometheus.
 */
export function checkLabelLimits(labels: Labels, config: ScrapeConfig): void {
  const { labelsMax, labelNameLengthMax, labelValueLengthMax } = config;
  if (labelsMax > 0 && labels.size > labelsMax) {
    throw new Error(`label_limit exceeded: ${labels.size} labels, limit ${labelsMax}: ${labels.toString()}`);
  }
  if (labelNameLengthMax === 0 && labelValueLengthMax === 0) return;
  for (const [name, value] of labels.entries()) {
    const nameBytes = Buffer.byteLength(name);
    if (labelNameLengthMax > 0 && nameBytes > labelNameLengthMax) {
      const bound = `${nameBytes} bytes, limit ${labelNameLengthMax}`;
      throw new Error(`label_name_length_limit exceeded: ${JSON.stringify(name)} has ${bound}`);
    }
    const valueBytes = Buffer.byteLength(value);
    if (labelValueLengthMax > 0 && valueBytes > labelValueLengthMax) {
      const bound = `${valueBytes} bytes, limit ${labelValueLengthMax}`;
      throw new Error(`label_value_length_limit exceeded: the value of ${JSON.stringify(name)} has ${bound}`);
    }
  }
}
