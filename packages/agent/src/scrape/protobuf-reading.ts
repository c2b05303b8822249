/** A target's answers in Prometheus's protobuf format, which alone has native histograms. */
import { type Labels, wordsOf } from "@binnacle/model";
import { ProtobufScrapeParser, type ProtobufScrapeOptions } from "@binnacle/wire";
import type { ScrapeProtocol } from "../config/scrape-config.ts";
import type { ScrapeYield } from "./scrape-source.ts";
import type { ScrapedSeries, TargetSeries } from "./target-series.ts";

/** Whether an answer is in protobuf, by its type or, where that says nothing, by the job's fallback. */
export function isProtobuf(contentType: string, fallback: ScrapeProtocol | undefined): boolean {
  const [media = ""] = contentType.split(";", 1);
  if (media.trim() === "") return fallback === "PrometheusProto";
  return media.trim().toLowerCase() === "application/vnd.google.protobuf";
}

export class ProtobufReading {
  readonly #parser = new ProtobufScrapeParser();
  readonly #options: ProtobufScrapeOptions;
  /** By the parser's slot; only of series that are not resolved yet. */
  readonly #labels: (Labels | undefined)[] = [];
  readonly #resolved: (ScrapedSeries | undefined)[] = [];

  constructor(options: ProtobufScrapeOptions) {
    this.#options = options;
  }

  /** Throws BAD_EXPOSITION. The body may be used again afterwards. */
  read(body: Uint8Array): ScrapeYield {
    const parsed = this.#parser.parse(body, this.#options);
    for (const { slot, labels } of parsed.newSeries) {
      this.#labels[slot] = labels;
      this.#resolved[slot] = undefined;
    }
    const { slots, values, times, startTimes, histograms, exemplars } = parsed;
    const addTo = (series: TargetSeries): void => {
      const words = wordsOf(values);
      for (let i = 0; i < slots.length; i++) {
        series.add(this.#series(series, slots[i]!), words, i, ownTime(times[i]!), startTimes[i]!);
      }
      for (const { slot, value, timeMs, startTimeMs } of histograms) {
        series.addHistogram(this.#series(series, slot), value, ownTime(timeMs), startTimeMs);
      }
      for (const { slot, ...exemplar } of exemplars) {
        series.addExemplar(this.#series(series, slot), exemplar);
      }
    };
    return { bodyBytes: body.length, metadata: parsed.metadata, addTo };
  }

  #series(series: TargetSeries, slot: number): ScrapedSeries {
    const known = this.#resolved[slot];
    if (known !== undefined) return known;
    const resolved = (this.#resolved[slot] = series.resolve(this.#labels[slot]!));
    this.#labels[slot] = undefined;
    return resolved;
  }
}

function ownTime(timeMs: number): number | undefined {
  return Number.isNaN(timeMs) ? undefined : timeMs;
}
