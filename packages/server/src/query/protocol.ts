/** What the main thread and a query worker say to each other. */
import type { MessagePort } from "node:worker_threads";
import type { Matcher, QueryLimits } from "@binnacle/model";
import type { FederateOptions } from "./federate.ts";
import type { ReadOptions } from "./remote-read.ts";
import type { LogQuestion } from "./log-insight.ts";
import type { NameSearch } from "./search-names.ts";

/** What a worker is started with. The ports lead to the stores, in the main thread. */
export interface WorkerSetup {
  readonly metricsPort: MessagePort;
  readonly logsPort: MessagePort;
  readonly features: readonly string[];
  readonly lookbackDeltaMs: number;
  /** Whether lines without a detected_level get a derived one. */
  readonly detectsLevel: boolean;
  /** Bytes of range queries' answers that the worker may keep; 0: none. */
  readonly cacheBytesMax: number;
  /** Shared; what cache-meter.ts reads of the worker's cache. */
  readonly cacheFigures: Float64Array;
}

interface JobBase {
  readonly limits: QueryLimits;
  /** One shared word; the main thread sets it to 1 to cancel. */
  readonly cancelFlag: Int32Array;
  /** How long the job waited for its worker, in ms. */
  readonly queuedMs: number;
}

interface ListingJob extends JobBase {
  readonly startMs: number;
  readonly endMs: number;
  readonly selectors: readonly (readonly Matcher[])[];
  readonly limit: number | undefined;
}

/** What is to be said of the work of a query, beside its result. */
export interface QueryFigures {
  /** "steps": samples by step as well. */
  readonly stats: "none" | "whole" | "steps";
  /** The tree with figures of each node. */
  readonly explain: boolean;
}

/** A query as a worker takes it. Selectors and expressions travel as the text the user wrote. */
export type QueryJob =
  | (JobBase & {
      readonly kind: "promql-instant";
      readonly query: string;
      readonly timeMs: number;
      readonly lookbackDeltaMs: number | undefined;
      readonly limit: number | undefined;
      readonly asksFor: QueryFigures;
    })
  | (JobBase & {
      readonly kind: "promql-range";
      readonly query: string;
      readonly startMs: number;
      readonly endMs: number;
      readonly stepMs: number;
      /** Whether the answer may be put together from what was computed earlier. */
      readonly usesCache: boolean;
      readonly lookbackDeltaMs: number | undefined;
      readonly limit: number | undefined;
      readonly asksFor: QueryFigures;
    })
  | (JobBase & { readonly kind: "rule-instant"; readonly query: string; readonly timeMs: number })
  | (ListingJob & {
      readonly kind: "metric-series" | "metric-label-names" | "log-streams" | "log-label-names";
    })
  | (ListingJob & { readonly kind: "metric-label-values" | "log-label-values"; readonly name: string })
  | (ListingJob & {
      readonly kind: "metric-search";
      /** The label whose values are searched; undefined: the names of labels are. */
      readonly label: string | undefined;
      readonly search: NameSearch;
    })
  | (JobBase & ReadOptions & { readonly kind: "remote-read" })
  | (JobBase & FederateOptions & { readonly kind: "federate" })
  | (JobBase & { readonly kind: "log-insight"; readonly question: LogQuestion })
  | (JobBase & {
      readonly kind: "logql-instant";
      readonly query: string;
      readonly timeNs: bigint;
      readonly limit: number;
      readonly direction: "forward" | "backward";
      readonly categorizesLabels: boolean;
    })
  | (JobBase & {
      readonly kind: "logql-range";
      readonly query: string;
      readonly startNs: bigint;
      readonly endNs: bigint;
      readonly stepMs: number;
      readonly intervalMs: number;
      readonly limit: number;
      readonly direction: "forward" | "backward";
      readonly categorizesLabels: boolean;
    });

type WithoutBase<Job> = Job extends JobBase ? Omit<Job, keyof JobBase> : never;
/** A job as callers write it; the pool adds limits, the flag and how long it waited. */
export type QueryRequest = WithoutBase<QueryJob>;
