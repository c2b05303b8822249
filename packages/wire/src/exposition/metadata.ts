/** What a target has said of its metrics so far: HELP, TYPE and UNIT lines put together. */
import type { MetricMetadata, MetricType } from "@binnacle/model";
import { METADATA_MAX } from "../limits.ts";
import type { Comment } from "./comment.ts";

export class MetadataTable {
  readonly #byMetric = new Map<string, MetricMetadata>();
  readonly #changed = new Set<string>();

  note(comment: Comment): void {
    const { metric } = comment;
    const old = this.#byMetric.get(metric) ?? { metric, type: "unknown", help: "", unit: "" };
    const change =
      comment.kind === "help"
        ? { help: comment.text }
        : comment.kind === "type"
          ? { type: comment.type }
          : { unit: comment.unit };
    const now = { ...old, ...change };
    if (now.help === old.help && now.type === old.type && now.unit === old.unit) return;
    if (this.#byMetric.size >= METADATA_MAX && !this.#byMetric.has(metric)) return;
    this.#byMetric.set(metric, now);
    this.#changed.add(metric);
  }

  typeOf(metric: string): MetricType | undefined {
    return this.#byMetric.get(metric)?.type;
  }

  /** What is new or different since this was asked last. */
  takeChanged(): MetricMetadata[] {
    const changed = Array.from(this.#changed, (metric) => this.#byMetric.get(metric)!);
    this.#changed.clear();
    return changed;
  }
}
