/** What is scraped and who is told: pools, metadata a target, relabelling step by step, Alertmanagers. */
import * as api from "@binnacle/api";
import { BinnacleError, Labels, METRIC_NAME, type Matcher, type MetricMetadata } from "@binnacle/model";
import { compileMatcher } from "@binnacle/re2";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { METADATA_TARGETS_MAX } from "../limits.ts";
import type { QueryPool } from "../query/pool.ts";
import type { NameSearchResult } from "../query/search-names.ts";
import { hangUpSignal } from "./cancel.ts";
import { defineHandler, success } from "./define.ts";
import { BEGINNING_MS, END_MS } from "./listing.ts";
import { readNumber } from "./params.ts";
import { readSelector } from "./selectors.ts";

export type RelabelSteps = api.AnswerOf<typeof api.relabelSteps>["data"]["steps"];

export interface DiscoveryRoutesOptions {
  readonly pool: () => QueryPool;
  readonly features: ReadonlySet<string>;
  readonly scrapePools: () => readonly string[];
  /** YAML of a job, secrets redacted; undefined where there is no such job. */
  readonly scrapePoolConfig: (name: string) => string | undefined;
  readonly relabelSteps: (pool: string, labels: Labels) => RelabelSteps | undefined;
  readonly alertmanagerUrls: () => readonly string[];
  /** Labels of the targets that are scraped. */
  readonly targetLabels: () => readonly Labels[];
  readonly metadata: (metric: string | undefined) => readonly MetricMetadata[];
}

export function addDiscoveryRoutes(app: FastifyInstance, options: DiscoveryRoutesOptions): void {
  defineHandler(app, api.scrapePools, () => success({ scrapePools: [...options.scrapePools()] }));

  defineHandler(app, api.scrapePoolConfig, ({ scrapePool }) =>
    success({ yaml: orNoPool(scrapePool, options.scrapePoolConfig(scrapePool)) }),
  );

  defineHandler(app, api.relabelSteps, ({ scrapePool, labels }) =>
    success({ steps: orNoPool(scrapePool, options.relabelSteps(scrapePool, readLabels(labels))) }),
  );

  defineHandler(app, api.alertmanagers, () =>
    success({
      activeAlertmanagers: options.alertmanagerUrls().map((url) => ({ url })),
      droppedAlertmanagers: [],
    }),
  );

  defineHandler(app, api.targetsMetadata, async (params, request, reply) =>
    success(await targetsMetadata(options, params, { request, reply })),
  );
}

function orNoPool<T>(name: string, found: T | undefined): T {
  if (found !== undefined) return found;
  throw new BinnacleError("NOT_FOUND", `scrape pool ${JSON.stringify(name)} is not known`);
}

/** Throws BAD_PARAMETER unless the text is a JSON object whose values are all text. */
function readLabels(text: string): Labels {
  let given: unknown;
  try {
    given = JSON.parse(text);
  } catch (cause) {
    throw new BinnacleError("BAD_PARAMETER", `invalid parameter "labels": ${(cause as Error).message}`, {
      cause,
    });
  }
  const isObject = typeof given === "object" && given !== null && !Array.isArray(given);
  const entries = isObject ? Object.entries(given as object) : [["", undefined]];
  if (!entries.every(([, value]) => typeof value === "string")) {
    const reason = "expected a JSON object of texts";
    throw new BinnacleError("BAD_PARAMETER", `invalid parameter "labels": ${reason}`);
  }
  return Labels.from(entries as [string, string][]);
}

/**
 * Exporters' metadata is kept once a metric, not once a target: what a target has is looked up among the
 * names of its series.
 */
async function targetsMetadata(
  options: DiscoveryRoutesOptions,
  params: api.ParamsOf<typeof api.targetsMetadata>,
  { request, reply }: { readonly request: FastifyRequest; readonly reply: FastifyReply },
): Promise<api.TargetMetadata[]> {
  const number = readNumber("limit", params.limit);
  const limit = number < 0 ? Infinity : number;
  const { match_target: matchTarget, metric } = params;
  const predicates =
    matchTarget === undefined || matchTarget === ""
      ? []
      : readSelector("match_target", matchTarget, options.features).map(compileMatcher);
  const targets = options
    .targetLabels()
    .filter((labels) => predicates.every((it) => it.test(labels.get(it.matcher.name))));
  if (targets.length > METADATA_TARGETS_MAX) {
    throw new BinnacleError(
      "LIMIT_EXCEEDED",
      `${targets.length} targets match: at most ${METADATA_TARGETS_MAX} (METADATA_TARGETS_MAX); narrow match_target`,
    );
  }
  const known = new Map(options.metadata(metric).map((it) => [it.metric, it]));
  const signal = hangUpSignal(request, reply);
  const answer: api.TargetMetadata[] = [];
  for (const target of targets) {
    if (known.size === 0 || answer.length >= limit) break;
    const job = { ...EVERY_NAME, selectors: [selectorOf(target)] };
    const { found } = (await options.pool().run(job, { signal })) as NameSearchResult;
    for (const { type, help, unit, metric: name } of familiesOf(found, known).values()) {
      if (answer.length >= limit) break;
      const about = { type, help, unit };
      answer.push({ target: target.toObject(), ...(metric === undefined ? { metric: name } : {}), ...about });
    }
  }
  return answer;
}

const SUFFIX = /_(?:bucket|sum|count|total|info|created)$/;

/** A family is known under its own name, its series under that name and a suffix. */
function familiesOf(
  names: NameSearchResult["found"],
  known: ReadonlyMap<string, MetricMetadata>,
): Map<string, MetricMetadata> {
  const families = new Map<string, MetricMetadata>();
  for (const { name } of names) {
    const family = known.get(name) ?? known.get(name.replace(SUFFIX, ""));
    if (family !== undefined) families.set(family.metric, family);
  }
  return families;
}

function selectorOf(labels: Labels): readonly Matcher[] {
  return [...labels.entries()].map(([name, value]) => ({ name, op: "=", value }));
}

/** Asks for all names of metrics. */
const EVERY_NAME = {
  kind: "metric-search",
  label: METRIC_NAME,
  startMs: BEGINNING_MS,
  endMs: END_MS,
  limit: undefined,
  search: {
    terms: [],
    algorithm: "subsequence",
    threshold: 0,
    isCaseSensitive: true,
    order: "ascending",
    limit: Infinity,
  },
} as const;
