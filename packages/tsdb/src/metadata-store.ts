/**
 * What exporters say of their metrics: type, help, unit. Kept in memory and in one file that is replaced
 * whole (`metadata.json.zst`); senders repeat it, so it is written every now and then and not before an
 * acknowledgement.
 */
import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { zstdCompressSync, zstdDecompressSync } from "node:zlib";
import type { Logger, MetricMetadata } from "@binnacle/model";
import { METADATA_HELP_LENGTH_MAX, METADATA_METRICS_MAX, PAGE_BYTES_MAX } from "./limits.ts";

export class MetadataStore {
  readonly #path: string;
  readonly #metrics = new Map<string, MetricMetadata>();
  #isChanged = false;
  /** Metrics that found no room. */
  dropped = 0;

  /** A file that cannot be read is logged and begun anew: what it held will be said again. */
  constructor(path: string, logger: Logger) {
    this.#path = path;
    if (!existsSync(path)) return;
    try {
      const text = zstdDecompressSync(readFileSync(path), { maxOutputLength: PAGE_BYTES_MAX }).toString();
      for (const metadata of JSON.parse(text) as MetricMetadata[])
        this.#metrics.set(metadata.metric, metadata);
    } catch (error) {
      logger.warn({ path, err: error }, "metadata of metrics cannot be read and is begun anew");
    }
  }

  describe(all: readonly MetricMetadata[]): void {
    for (const { metric, type, help, unit } of all) {
      const known = this.#metrics.get(metric);
      const cut = help.length > METADATA_HELP_LENGTH_MAX ? help.slice(0, METADATA_HELP_LENGTH_MAX) : help;
      if (known !== undefined && known.type === type && known.help === cut && known.unit === unit) continue;
      if (known === undefined && this.#metrics.size >= METADATA_METRICS_MAX) {
        this.dropped++;
        continue;
      }
      this.#metrics.set(metric, { metric, type, help: cut, unit });
      this.#isChanged = true;
    }
  }

  /** Of one metric, or of all. */
  get(metric: string | undefined): readonly MetricMetadata[] {
    if (metric === undefined) return [...this.#metrics.values()];
    const known = this.#metrics.get(metric);
    return known === undefined ? [] : [known];
  }

  /** Writes what changed. */
  save(): void {
    if (!this.#isChanged) return;
    const text = JSON.stringify([...this.#metrics.values()]);
    writeFileSync(`${this.#path}.tmp`, zstdCompressSync(text), { flush: true });
    renameSync(`${this.#path}.tmp`, this.#path);
    this.#isChanged = false;
  }
}
