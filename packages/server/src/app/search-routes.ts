/**
 * Searching names and values: lines of JSON, each a batch of results, the last one saying how it ended. The
 * work is done in the pool; here lines are written.
 */
import * as api from "@binnacle/api";
import { BinnacleError, METRIC_NAME, SYSTEM_CLOCK, type MetricMetadata } from "@binnacle/model";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { SEARCH_BATCH_DEFAULT, SEARCH_RESULTS_DEFAULT, SEARCH_RESULTS_MAX } from "../limits.ts";
import type { FuzzyAlgorithm } from "../query/fuzzy.ts";
import type { QueryPool } from "../query/pool.ts";
import type { NameSearch, NameSearchResult } from "../query/search-names.ts";
import { hangUpSignal } from "./cancel.ts";
import { defineHandler } from "./define.ts";
import { readFlag, readLimit, readTimeMs } from "./params.ts";
import { readSelector } from "./selectors.ts";

const HOUR_MS = 3_600_000;

export interface SearchRoutesOptions {
  readonly pool: () => QueryPool;
  readonly features: ReadonlySet<string>;
  readonly metadata: (metric: string | undefined) => readonly MetricMetadata[];
}

type SearchParams = Omit<api.ParamsOf<typeof api.searchMetricNames>, "include_metadata">;
type Describe = (name: string) => Partial<api.SearchResult>;

export function addSearchRoutes(app: FastifyInstance, options: SearchRoutesOptions): void {
  const answer = async (
    what: { readonly label: string | undefined; readonly describe: Describe },
    params: SearchParams,
    { request, reply }: { readonly request: FastifyRequest; readonly reply: FastifyReply },
  ): Promise<FastifyReply> => {
    const { features } = options;
    const nowMs = SYSTEM_CLOCK.nowMs();
    const job = {
      kind: "metric-search" as const,
      label: what.label,
      startMs: params.start === undefined ? nowMs - HOUR_MS : readTimeMs("start", params.start),
      endMs: params.end === undefined ? nowMs : readTimeMs("end", params.end),
      selectors: (params["match[]"] ?? []).map((text) => readSelector("match[]", text, features)),
      limit: undefined,
      search: readSearch(params),
    };
    const batchSize = readLimit("batch_size", params.batch_size) ?? SEARCH_BATCH_DEFAULT;
    const wantsScore = readFlag("include_score", params.include_score, false);
    const result = (await options
      .pool()
      .run(job, { signal: hangUpSignal(request, reply) })) as NameSearchResult;
    const results = result.found.map(({ name, score }) => ({
      name,
      ...(wantsScore ? { score } : {}),
      ...what.describe(name),
    }));
    return reply
      .type("application/x-ndjson; charset=utf-8")
      .send(writeLines(results, { batchSize, hasMore: result.hasMore }));
  };

  defineHandler(app, api.searchMetricNames, (params, request, reply) => {
    const wantsMetadata = readFlag("include_metadata", params.include_metadata, false);
    const describe = (name: string): Partial<api.SearchResult> => {
      const [known] = wantsMetadata ? options.metadata(name) : [];
      return known === undefined ? {} : { type: known.type, help: known.help, unit: known.unit };
    };
    return answer({ label: METRIC_NAME, describe }, params, { request, reply });
  });
  defineHandler(app, api.searchLabelNames, (params, request, reply) =>
    answer({ label: undefined, describe: () => ({}) }, params, { request, reply }),
  );
  defineHandler(app, api.searchLabelValues, (params, request, reply) => {
    if (params.label === "") throw invalid("label", "it is required");
    return answer({ label: params.label, describe: () => ({}) }, params, { request, reply });
  });
}

/** At least one batch, an empty one where nothing was found. */
export function writeLines(
  results: readonly api.SearchResult[],
  { batchSize, hasMore }: { readonly batchSize: number; readonly hasMore: boolean },
): string {
  const lines: string[] = [];
  for (let from = 0; from === 0 || from < results.length; from += batchSize) {
    lines.push(JSON.stringify({ results: results.slice(from, from + batchSize) }));
  }
  lines.push(JSON.stringify({ status: "success", has_more: hasMore }));
  return lines.map((line) => `${line}\n`).join("");
}

function readSearch(params: SearchParams): NameSearch {
  const terms = params["search[]"] ?? [];
  return {
    terms,
    algorithm: readAlgorithm(params.fuzz_alg),
    threshold: readThreshold(params.fuzz_threshold),
    isCaseSensitive: readFlag("case_sensitive", params.case_sensitive, true),
    order: readOrder(params, terms),
    limit: Math.min(readLimit("limit", params.limit) ?? SEARCH_RESULTS_DEFAULT, SEARCH_RESULTS_MAX),
  };
}

function readAlgorithm(text: string | undefined): FuzzyAlgorithm {
  if (text === undefined || text === "") return "subsequence";
  const known = api.SEARCH_ALGORITHMS.find((it) => it === text);
  if (known !== undefined) return known;
  const all = api.SEARCH_ALGORITHMS.join(" ");
  throw new BinnacleError(
    "BAD_PARAMETER",
    `unsupported fuzz_alg ${JSON.stringify(text)}: must be one of [${all}]`,
  );
}

function readThreshold(text: string | undefined): number {
  if (text === undefined || text === "") return 0;
  const percent = /^\d{1,3}$/.test(text) ? Number(text) : NaN;
  if (percent >= 0 && percent <= 100) return percent / 100;
  throw new BinnacleError("BAD_PARAMETER", `invalid fuzz_threshold ${JSON.stringify(text)}: must be 0-100`);
}

function readOrder(params: SearchParams, terms: readonly string[]): NameSearch["order"] {
  const { sort_by: by = "", sort_dir: direction = "" } = params;
  if (direction !== "" && by === "") throw refusal("sort_dir is only valid when sort_by is set");
  if (direction !== "" && by === "score") throw refusal("sort_dir is not supported for sort_by=score");
  if (direction !== "" && direction !== "asc" && direction !== "dsc") {
    throw refusal(`invalid sort_dir ${JSON.stringify(direction)}: must be "asc" or "dsc"`);
  }
  if (by === "score") {
    if (terms.length === 0) throw refusal("sort_by=score requires search[] to be set");
    return "score";
  }
  if (by !== "" && by !== "alpha") {
    throw refusal(`invalid sort_by ${JSON.stringify(by)}: must be "alpha" or "score"`);
  }
  return direction === "dsc" ? "descending" : "ascending";
}

function refusal(message: string): BinnacleError {
  return new BinnacleError("BAD_PARAMETER", message);
}

function invalid(name: string, reason: string): BinnacleError {
  return refusal(`invalid parameter "${name}": ${reason}`);
}
