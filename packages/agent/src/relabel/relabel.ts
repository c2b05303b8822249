/** Prometheus's relabelling: eleven actions over a mutable set of labels. */
import { createHash } from "node:crypto";
import { Labels, unreachable } from "@binnacle/model";
import type { RelabelConfig } from "../config/relabel-config.ts";

/** name → value; no value is empty. */
export type LabelMap = Map<string, string>;

/** Applies the configurations in order to labels, which are changed in place. False means: drop the thing. */
export function relabel(labels: LabelMap, configs: readonly RelabelConfig[]): boolean {
  for (const config of configs) if (!relabelOnce(labels, config)) return false;
  return true;
}

/** The labels after relabelling, or undefined when they are to be dropped. */
export function relabelLabels(labels: Labels, configs: readonly RelabelConfig[]): Labels | undefined {
  if (configs.length === 0) return labels;
  const map: LabelMap = new Map(labels.entries());
  return relabel(map, configs) ? Labels.from(map) : undefined;
}

function relabelOnce(labels: LabelMap, config: RelabelConfig): boolean {
  const { action, regex, targetLabel, replacement } = config;
  const source = config.sourceLabels.map((name) => labels.get(name) ?? "").join(config.separator);
  switch (action) {
    case "keep":
      return regex.test(source);
    case "drop":
      return !regex.test(source);
    case "keepequal":
      return source === (labels.get(targetLabel) ?? "");
    case "dropequal":
      return source !== (labels.get(targetLabel) ?? "");
    case "replace": {
      const target = regex.expand(source, targetLabel);
      if (target === undefined || target === "") return true;
      set(labels, target, regex.expand(source, replacement) ?? "");
      return true;
    }
    case "lowercase":
      set(labels, targetLabel, source.toLowerCase());
      return true;
    case "uppercase":
      set(labels, targetLabel, source.toUpperCase());
      return true;
    case "hashmod":
      set(labels, targetLabel, hashMod(source, config.modulus));
      return true;
    case "labelmap":
      // What the mapping adds is not mapped again.
      for (const [name, value] of new Map(labels)) {
        const mapped = regex.expand(name, replacement);
        if (mapped !== undefined && mapped !== "") set(labels, mapped, value);
      }
      return true;
    case "labeldrop":
      for (const name of labels.keys()) if (regex.test(name)) labels.delete(name);
      return true;
    case "labelkeep":
      for (const name of labels.keys()) if (!regex.test(name)) labels.delete(name);
      return true;
    default:
      return unreachable(action);
  }
}

function set(labels: LabelMap, name: string, value: string): void {
  if (value === "") labels.delete(name);
  else labels.set(name, value);
}

/** The last eight bytes of the text's MD5 as a number, modulo: so that shards agree with Prometheus's. */
export function hashMod(text: string, modulus: number): string {
  const hash = createHash("md5").update(text).digest();
  return (hash.readBigUInt64BE(8) % BigInt(modulus)).toString();
}
