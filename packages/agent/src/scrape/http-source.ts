/** A target behind HTTP: fetched by its job's client, parsed by a parser that knows the last scrape. */
import { BinnacleError, type Labels, wordsOf } from "@binnacle/model";
import { dialectOf, ScrapeParser } from "@binnacle/wire";
import type { ScrapeConfig } from "../config/scrape-config.ts";
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
  /** Made for the first answer in protobuf. */
  #protobuf: ProtobufReading | undefined;

  constructor(url: string, client: ScrapeClient, config: ScrapeConfig) {
    this.#url = new URL(url);
    this.#client = client;
    this.#config = config;
  }

  /** A parser that has seen nothing names all series again: cheaper than to keep all their labels for it. */
  forgetSeries(): void {
    this.#parser = new ScrapeParser();
    this.#labels = [];
    this.#resolved = [];
    this.#layoutAdded = -1;
    this.#protobuf = undefined;
  }

  async fetch(attempt: ScrapeAttempt): Promise<ScrapeYield> {
    using response = await this.#client.fetch({ url: this.#url, ...attempt });
    const { body, contentType } = response;
    if (isProtobuf(contentType, this.#config.fallbackScrapeProtocol)) {
      return (this.#protobuf ??= new ProtobufReading(this.#config.histograms)).read(body);
    }
    const bodyBytes = body.length;
    const parsed = this.#parser.parse(body, { dialect: this.#dialect(contentType) });
    for (const { slot, labels } of parsed.newSeries) {
      this.#labels[slot] = labels;
      this.#resolved[slot] = undefined;
    }
    const { slots, values, times, layoutVersion } = parsed;
    const addTo = (series: TargetSeries): void => {
      const isKnown = times === undefined && layoutVersion === this.#layoutAdded;
      if (!isKnown || !series.repeat(values)) {
        this.#layoutAdded = -1;
        const words = wordsOf(values);
        for (let i = 0; i < slots.length; i++) {
          const timeMs = times === undefined || Number.isNaN(times[i]) ? undefined : times[i];
          series.add(this.#series(series, slots[i]!), words, i, timeMs, 0);
        }
        if (times === undefined) this.#layoutAdded = layoutVersion;
      }
      series.noteDuplicates(parsed.duplicates);
      for (const { slot, ...exemplar } of parsed.exemplars) {
        series.addExemplar(this.#series(series, slot), exemplar);
      }
    };
    return { bodyBytes, metadata: parsed.metadata, addTo };
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
