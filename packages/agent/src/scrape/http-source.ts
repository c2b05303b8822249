/** A target behind HTTP: fetched by its job's client, parsed by a parser that knows the last scrape. */
import { BinnacleError, type Labels, wordsOf } from "@binnacle/model";
import { dialectOf, ScrapeParser } from "@binnacle/wire";
import type { ScrapeConfig } from "../config/scrape-config.ts";
import { ClassicHistograms, type Conversion, type ConvertedHistogram } from "./classic-histograms.ts";
import { isProtobuf, ProtobufReading } from "./protobuf-reading.ts";
import type { ScrapeClient } from "./scrape-client.ts";
import type { ScrapeAttempt, ScrapeSource, ScrapeYield } from "./scrape-source.ts";
import type { ScrapedSeries, TargetSeries } from "./target-series.ts";

type Dialect = NonNullable<ReturnType<typeof dialectOf>>;

export class HttpSource implements ScrapeSource {
  readonly #url: URL;
  readonly #client: ScrapeClient;
  readonly #config: ScrapeConfig;
  #parser = new ScrapeParser();
  /** By the parser's slot; only of series that are not resolved yet. */
  #labels: (Labels | undefined)[] = [];
  #resolved: (ScrapedSeries | undefined)[] = [];
  /** The parser's version of the layout that was added last, whole and without times. */
  #layoutAdded = -1;
  /** Where classic histograms become native ones, as the job may want. */
  #classic: ClassicHistograms | undefined;
  /** By key, the series that they become. */
  #converted = new Map<string, ScrapedSeries>();
  /** Made for the first answer in protobuf. */
  #protobuf: ProtobufReading | undefined;

  constructor(url: string, client: ScrapeClient, config: ScrapeConfig) {
    this.#url = new URL(url);
    this.#client = client;
    this.#config = config;
    this.#classic = this.#newClassic();
  }

  /** A parser that has seen nothing names all series again: cheaper than to keep all their labels for it. */
  forgetSeries(): void {
    this.#parser = new ScrapeParser();
    this.#labels = [];
    this.#resolved = [];
    this.#layoutAdded = -1;
    this.#protobuf = undefined;
    this.#classic = this.#newClassic();
    this.#converted.clear();
  }

  async fetch(attempt: ScrapeAttempt): Promise<ScrapeYield> {
    using response = await this.#client.fetch({ url: this.#url, ...attempt });
    const { body, contentType } = response;
    if (isProtobuf(contentType, this.#config.fallbackScrapeProtocol)) {
      return (this.#protobuf ??= new ProtobufReading(this.#config.histograms)).read(body);
    }
    const bodyBytes = body.length;
    const parsed = this.#parser.parse(body, { dialect: this.#dialect(contentType) });
    this.#classic?.describe(parsed.metadata);
    for (const { slot, labels } of parsed.newSeries) {
      this.#labels[slot] = labels;
      this.#resolved[slot] = undefined;
      this.#classic?.see(slot, labels);
    }
    const { slots, values, times, layoutVersion } = parsed;
    const addTo = (series: TargetSeries): void => {
      const timeOf = (i: number): number | undefined =>
        times === undefined || Number.isNaN(times[i]) ? undefined : times[i];
      const conversions = this.#classic?.convert(slots, values, timeOf) ?? [];
      const isKnown = times === undefined && layoutVersion === this.#layoutAdded && conversions.length === 0;
      if (!isKnown || !series.repeat(values)) {
        this.#layoutAdded = -1;
        const words = wordsOf(values);
        const replaced = this.#replaced(conversions);
        for (let i = 0; i < slots.length; i++) {
          if (!replaced.has(i)) series.add(this.#series(series, slots[i]!), words, i, timeOf(i), 0);
        }
        for (const { of, value, timeMs } of conversions)
          if (value !== undefined) series.addHistogram(this.#convertedSeries(series, of), value, timeMs, 0);
        if (times === undefined) this.#layoutAdded = layoutVersion;
      }
      series.noteDuplicates(parsed.duplicates);
      for (const { slot, ...exemplar } of parsed.exemplars) {
        const of = this.#config.histograms.keepsClassic ? undefined : this.#classic?.of(slot);
        series.addExemplar(
          of === undefined ? this.#series(series, slot) : this.#convertedSeries(series, of),
          exemplar,
        );
      }
    };
    return { bodyBytes, metadata: parsed.metadata, addTo };
  }

  #newClassic(): ClassicHistograms | undefined {
    return this.#config.histograms.convertsClassic ? new ClassicHistograms() : undefined;
  }

  /** Places of the samples in whose stead native histograms stand. */
  #replaced(conversions: readonly Conversion[]): ReadonlySet<number> {
    if (this.#config.histograms.keepsClassic) return new Set();
    return new Set(conversions.flatMap(({ value, samples }) => (value === undefined ? [] : samples)));
  }

  #convertedSeries(series: TargetSeries, { key, labels }: ConvertedHistogram): ScrapedSeries {
    let known = this.#converted.get(key);
    if (known === undefined) this.#converted.set(key, (known = series.resolve(labels)));
    return known;
  }

  #series(series: TargetSeries, slot: number): ScrapedSeries {
    const known = this.#resolved[slot];
    if (known !== undefined) return known;
    const resolved = (this.#resolved[slot] = series.resolve(this.#labels[slot]!));
    this.#labels[slot] = undefined;
    return resolved;
  }

  #dialect(contentType: string): Dialect {
    const dialect = dialectOf(contentType);
    if (dialect !== undefined) return dialect;
    const fallback = this.#config.fallbackScrapeProtocol;
    if (fallback?.startsWith("OpenMetricsText")) return "openmetrics";
    if (fallback?.startsWith("PrometheusText")) return "text";
    throw new BinnacleError(
      "UNSUPPORTED_MEDIA",
      `received unsupported Content-Type ${JSON.stringify(contentType)} and no fallback_scrape_protocol is given`,
    );
  }
}
