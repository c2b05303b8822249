/** What a query did, as its answer says it: under Prometheus's names, and as an explained tree. */
import type { QueryContext } from "@binnacle/model";
import type { QueryTrace } from "@binnacle/promql/engine";
import { print, type Expr } from "@binnacle/promql/parser";
import { treeData } from "../app/parse-tree.ts";
import { formatSeconds } from "./json-number.ts";
import type { QueryFigures } from "./protocol.ts";

/** The part of a job that says when its steps are. */
interface AskingJob {
  readonly asksFor: QueryFigures;
  readonly queuedMs: number;
  readonly timeMs?: number;
  readonly startMs?: number;
  readonly stepMs?: number;
}

export class FiguresWriter {
  readonly #job: AskingJob;
  readonly #trace: QueryTrace | undefined;
  readonly #startedMs = performance.now();

  constructor(job: AskingJob, newTrace: () => QueryTrace) {
    this.#job = job;
    const { stats, explain } = job.asksFor;
    this.#trace = stats !== "none" || explain ? newTrace() : undefined;
  }

  get areAsked(): boolean {
    return this.#trace !== undefined;
  }

  /** A query that keeps account of what it does, if that is asked for. */
  traced<T extends object>(query: T): T & { trace?: QueryTrace } {
    return this.#trace === undefined ? query : { ...query, trace: this.#trace };
  }

  /** Fields of an answer's `data`, a comma before each; nothing where nothing was asked for. */
  write(context: QueryContext): string {
    const trace = this.#trace;
    if (trace === undefined) return "";
    const { stats, explain } = this.#job.asksFor;
    const statsText = stats === "none" ? "" : `,"stats":${this.#stats(trace, context)}`;
    return explain ? `${statsText},"explain":${explained(trace)}` : statsText;
  }

  /** Times are in seconds. Sorting is part of the evaluation. */
  #stats(trace: QueryTrace, context: QueryContext): string {
    const { asksFor, queuedMs, timeMs, startMs, stepMs } = this.#job;
    const execMs = performance.now() - this.#startedMs;
    const timings = {
      evalTotalTime: (trace.preparationMs + trace.evaluationMs) / 1000,
      resultSortTime: 0,
      queryPreparationTime: trace.preparationMs / 1000,
      innerEvalTime: trace.evaluationMs / 1000,
      execQueueTime: queuedMs / 1000,
      execTotalTime: (execMs + queuedMs) / 1000,
    };
    const byStep = trace.samplesByStep;
    const total = byStep.reduce((sum, count) => sum + count, 0);
    const firstMs = timeMs ?? startMs ?? 0;
    const steps = Array.from(
      byStep,
      (count, step) => `[${formatSeconds(firstMs + step * (stepMs ?? 0))},${count}]`,
    );
    const perStep = asksFor.stats === "steps" ? `"totalQueryableSamplesPerStep":[${steps.join(",")}],` : "";
    const samples = `{${perStep}"totalQueryableSamples":${total},"peakSamples":${context.samplesPeak}}`;
    return `{"timings":${JSON.stringify(timings)},"samples":${samples}}`;
  }
}

/** The tree as it was evaluated, each node with what it took and gave. */
function explained(trace: QueryTrace): string {
  const figuresOf = (expr: Expr): Readonly<Record<string, unknown>> | undefined => {
    const figures = trace.figuresOf(expr);
    if (figures === undefined) return undefined;
    const { totalMs, selfMs, evaluations, series } = figures;
    const text = print(expr);
    return { figures: { text, totalMs: rounded(totalMs), selfMs: rounded(selfMs), evaluations, series } };
  };
  return JSON.stringify(trace.root === undefined ? null : treeData(trace.root, figuresOf));
}

/** To the µs. */
function rounded(ms: number): number {
  return Math.round(ms * 1000) / 1000;
}
