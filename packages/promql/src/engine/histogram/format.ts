/**
 * A histogram as text, as Prometheus writes it: `{count:3, sum:4, [-1,-0.5):1, [-0.001,0.001]:1, (0.5,1]:1}`.
 */
import { bucketsOf } from "@binnacle/model";
import { formatGeneral } from "../../parser/index.ts";
import { toModel, type NativeHistogram } from "./native-histogram.ts";

export function formatHistogram(histogram: NativeHistogram): string {
  const parts = [`count:${formatGeneral(histogram.count)}`, `sum:${formatGeneral(histogram.sum)}`];
  for (const bucket of bucketsOf(toModel(histogram))) {
    if (bucket.count === 0) continue;
    const open = bucket.lowerInclusive ? "[" : "(";
    const close = bucket.upperInclusive ? "]" : ")";
    const bounds = `${formatGeneral(bucket.lower)},${formatGeneral(bucket.upper)}`;
    parts.push(`${open}${bounds}${close}:${formatGeneral(bucket.count)}`);
  }
  return `{${parts.join(", ")}}`;
}
