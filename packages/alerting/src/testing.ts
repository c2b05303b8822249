/**
 * What the tests of this package share: a clock in the hand, a query that is written down, a store that
 * remembers.
 */
import {
  isStaleAt,
  Labels,
  wordsOf,
  type AppendResult,
  type Clock,
  type InstantQuerier,
  type MetricSink,
  type QueryResult,
  type QueryValue,
  type SampleRow,
  type VectorSample,
} from "@binnacle/model";
import type { RuleGroupConfig } from "./config/rule-file.ts";
import { loadRuleFile } from "./config/rule-file.ts";

export class HandClock implements Clock {
  #nowMs: number;

  constructor(nowMs = 0) {
    this.#nowMs = nowMs;
  }

  set(nowMs: number): void {
    this.#nowMs = nowMs;
  }

  nowMs(): number {
    return this.#nowMs;
  }

  monotonicMs(): number {
    return this.#nowMs;
  }
}

/** `a="x" b="y" 3` → a sample; several are separated by `;`. */
export function parseVector(text: string): readonly VectorSample[] {
  if (text.trim() === "") return [];
  return text.split(";").map((part) => {
    const pairs = [...part.matchAll(/([\w]+)="([^"]*)"/g)].map((match): [string, string] => [
      match[1]!,
      match[2]!,
    ]);
    const value = Number(part.trim().split(/\s+/).at(-1));
    return { labels: Labels.from(pairs), timeMs: 0, value, histogram: undefined };
  });
}

/** Answers queries by a function of their text and time. */
export function querierOf(answer: (query: string, timeMs: number) => QueryValue | string): InstantQuerier {
  return {
    instant: async (query, timeMs): Promise<QueryResult> => {
      const given = answer(query, timeMs);
      const value: QueryValue =
        typeof given === "string" ? { type: "vector", samples: parseVector(given) } : given;
      return { value, warnings: [], infos: [] };
    },
  };
}

export interface SinkSample {
  readonly series: string;
  readonly timeMs: number;
  /** "stale" for the marker. */
  readonly value: number | "stale";
}

/** Remembers what is appended. */
export class MemorySink implements MetricSink {
  readonly rows: SampleRow[] = [];
  readonly samples: SinkSample[] = [];
  readonly #labels: Labels[] = [];
  readonly #refs = new Map<string, number>();
  /** Refused, by the name of the series. */
  readonly refused = new Set<string>();

  series(labels: Labels): number {
    const known = this.#refs.get(labels.key());
    if (known !== undefined) return known;
    this.#refs.set(labels.key(), this.#labels.length);
    return this.#labels.push(labels) - 1;
  }

  append(rows: readonly SampleRow[]): Promise<AppendResult> {
    let rejected = 0;
    for (const row of rows) {
      this.rows.push(row);
      const words = wordsOf(row.values);
      row.series.forEach((ref, i) => {
        const series = this.#labels[ref]!.toString();
        if (this.refused.has(series)) rejected++;
        else {
          const value = isStaleAt(words, i) ? "stale" : row.values[i]!;
          this.samples.push({ series, timeMs: row.timeMs, value });
        }
      });
    }
    const rejections =
      rejected > 0
        ? [{ reason: "out_of_order" as const, series: 0, timeMs: 0, message: "too late by 1 s" }]
        : [];
    return Promise.resolve({ appended: 0, rejected, rejections, unknownSeries: [] });
  }

  describe(): void {}

  /** What was written at a moment: `series value`, sorted. */
  at(timeMs: number): string[] {
    return this.samples
      .filter((sample) => sample.timeMs === timeMs)
      .map(({ series, value }) => `${series} ${value}`)
      .sort();
  }
}

/** Groups of a rule file, its expressions unchecked. */
export function groupsOf(text: string, file = "rules.yml"): readonly RuleGroupConfig[] {
  return loadRuleFile(text, { file, checkExpression: () => {} });
}
