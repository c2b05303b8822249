/**
 * What a person browsing logs asks beside queries: volumes, fields, patterns. Answers are JSON in Loki's
 * shapes, written in the worker.
 */
import { Buffer } from "node:buffer";
import { LogEngine } from "@binnacle/logs/engine";
import { detectLabels, FieldTable, streamStats, streamVolumes } from "@binnacle/logs/insight";
import { parseLogQL, type PipelineExpr } from "@binnacle/logs/parser";
import { diffPatterns, MinedPatterns, querySlot } from "@binnacle/logs/patterns";
import { BinnacleError, unreachable, type LogSource, type QueryContext } from "@binnacle/model";
import { writeLabels } from "./write-metrics.ts";

const NS_PER_S = 1_000_000_000n;

interface QuestionBase {
  readonly query: string;
  /** Unix ns, half-open. */
  readonly startNs: bigint;
  readonly endNs: bigint;
  readonly limit: number;
}

export type LogQuestion =
  | (QuestionBase & { readonly kind: "stats" })
  | (QuestionBase & {
      readonly kind: "volume";
      readonly targetLabels: readonly string[];
      readonly aggregateBy: "series" | "labels";
      readonly stepNs: bigint | undefined;
    })
  /** An empty query asks about all streams. */
  | (QuestionBase & { readonly kind: "labels" })
  | (QuestionBase & {
      readonly kind: "fields";
      /** Newest lines that are looked at. */
      readonly lineLimit: number;
      /** The field whose values are asked for; undefined: the fields themselves. */
      readonly field: string | undefined;
    })
  | (QuestionBase & { readonly kind: "patterns"; readonly stepNs: bigint })
  | (QuestionBase & {
      readonly kind: "patterns-diff";
      readonly baseStartNs: bigint;
      readonly baseEndNs: bigint;
    })
  | (QuestionBase & { readonly kind: "slot"; readonly pattern: string; readonly slot: number });

export async function answerLogQuestion(
  question: LogQuestion,
  source: LogSource,
  context: QueryContext,
): Promise<Uint8Array> {
  return Buffer.from(await answer(question, source, context), "utf8");
}

async function answer(question: LogQuestion, source: LogSource, context: QueryContext): Promise<string> {
  const { query, startNs, endNs, limit } = question;
  const range = { startNs, endNs };
  switch (question.kind) {
    case "stats":
      return JSON.stringify(
        await streamStats({ matchers: pipelineOf(query).matchers, ...range }, source, context),
      );
    case "volume":
      return writeVolumes(question, source, context);
    case "labels": {
      const selectors = query === "" ? [] : [pipelineOf(query).matchers];
      const listing = { selectors, startMs: toMs(startNs), endMs: toMs(endNs), limit: undefined };
      return JSON.stringify({ detectedLabels: detectLabels(await source.streams(listing, context)) });
    }
    case "fields": {
      const asked = { query, ...range, stepMs: 1000, limit: question.lineLimit };
      const { value } = await new LogEngine({ detectsLevel: true }).range(
        { ...asked, direction: "backward" },
        source,
        context,
      );
      if (value.type !== "streams") throw notLines();
      const table = new FieldTable(value.streams);
      return JSON.stringify(
        question.field === undefined
          ? { fields: table.fields(limit), limit }
          : { values: table.values(question.field, limit), limit },
      );
    }
    case "patterns": {
      const { stepNs } = question;
      const asked = { expr: pipelineOf(query), ...range, stepNs };
      const found = await new MinedPatterns(source).patterns(asked, context);
      return success(
        found.slice(0, limit).map(({ pattern, level, counts }) => ({
          pattern,
          level,
          samples: [...counts]
            .sort(([a], [b]) => a - b)
            .map(([step, count]) => [Number((BigInt(step) * stepNs) / NS_PER_S), count]),
        })),
      );
    }
    case "patterns-diff":
      return success(await diff(question, source, context));
    case "slot": {
      const { pattern, slot } = question;
      const asked = { expr: pipelineOf(query), ...range, stepNs: NS_PER_S, pattern, slot, limit };
      return success(await querySlot(asked, source, context));
    }
    default:
      return unreachable(question);
  }
}

/** Patterns of both ranges are found together, so that they are the same where the lines are. */
async function diff(
  question: LogQuestion & { kind: "patterns-diff" },
  source: LogSource,
  context: QueryContext,
): Promise<unknown[]> {
  const { query, startNs, endNs, baseStartNs, baseEndNs, limit } = question;
  if (baseEndNs > startNs) {
    throw new BinnacleError("BAD_PARAMETER", 'invalid parameter "base_end": it lies after the start');
  }
  const expr = pipelineOf(query);
  const stepNs = NS_PER_S;
  const whole = { expr, startNs: baseStartNs, endNs, stepNs };
  const found = await new MinedPatterns(source).patterns(whole, context);
  const counts = new Map<string, { pattern: string; before: number; after: number }>();
  for (const { pattern, counts: steps } of found) {
    let sum = counts.get(pattern);
    if (sum === undefined) counts.set(pattern, (sum = { pattern, before: 0, after: 0 }));
    for (const [step, count] of steps) {
      const timeNs = BigInt(step) * stepNs;
      if (timeNs >= startNs) sum.after += count;
      else if (timeNs < baseEndNs) sum.before += count;
    }
  }
  const present = [...counts.values()].filter(({ before, after }) => before + after > 0);
  const lengths = { before: Number(baseEndNs - baseStartNs), after: Number(endNs - startNs) };
  return diffPatterns(present, lengths).slice(0, limit);
}

async function writeVolumes(
  question: LogQuestion & { kind: "volume" },
  source: LogSource,
  context: QueryContext,
): Promise<string> {
  const { query, startNs, endNs, stepNs, targetLabels, aggregateBy, limit } = question;
  const { matchers } = pipelineOf(query);
  const asked = { matchers, startNs, endNs, targetLabels, aggregateBy, stepNs, limit };
  const volumes = await streamVolumes(asked, source, context);
  const results = volumes.map(({ labels, bytes, steps }) => {
    const metric = `{"metric":${writeLabels(labels)}`;
    if (stepNs === undefined) return `${metric},"value":[${seconds(endNs)},"${Math.round(bytes)}"]}`;
    const points = [...steps]
      .sort(([a], [b]) => a - b)
      .map(([step, sum]) => `[${seconds(startNs + BigInt(step) * stepNs)},"${Math.round(sum)}"]`);
    return `${metric},"values":[${points.join(",")}]}`;
  });
  const type = stepNs === undefined ? "vector" : "matrix";
  return `{"status":"success","data":{"resultType":"${type}","result":[${results.join(",")}],"stats":{}}}`;
}

function seconds(timeNs: bigint): string {
  return String(toMs(timeNs) / 1000);
}

function success(data: unknown): string {
  return JSON.stringify({ status: "success", data });
}

function toMs(timeNs: bigint): number {
  return Number(timeNs / 1_000_000n);
}

function pipelineOf(query: string): PipelineExpr {
  const expr = parseLogQL(query);
  if (expr.kind !== "pipeline") throw notLines();
  return expr;
}

function notLines(): BinnacleError {
  return new BinnacleError("PARSE_ERROR", "expected a log query, not a metric query");
}
