/** What the labels of identity are on either side, asked once for all links of a page. */
import { labels, labelValues } from "@binnacle/api";
import { queryOptions } from "@tanstack/react-query";
import { logLabelNames, logLabelValues } from "../api/logs-api.ts";
import { request } from "../api/request.ts";
import { IDENTITY_LABELS, type Identities } from "./correlate.ts";

const STALE_MS = 60_000;
/** Links must not vanish when one zooms, so values are asked for over this much, whatever range is shown. */
const SPAN_MS = 6 * 3_600_000;

export const logIdentitiesQuery = queryOptions({
  queryKey: ["identities", "logs"],
  queryFn: async ({ signal }): Promise<Identities> => {
    const toMs = Date.now();
    const window = { fromMs: toMs - SPAN_MS, toMs };
    const names = await logLabelNames(window, signal);
    return await valuesOf(names, async (name) => await logLabelValues(name, window, signal));
  },
  staleTime: STALE_MS,
});

export const metricIdentitiesQuery = queryOptions({
  queryKey: ["identities", "metrics"],
  queryFn: async ({ signal }): Promise<Identities> => {
    const start = String((Date.now() - SPAN_MS) / 1000);
    const { data: names } = await request(labels, { start }, { signal });
    return await valuesOf(
      names,
      async (name) => (await request(labelValues, { start }, { signal, names: [name] })).data,
    );
  },
  staleTime: STALE_MS,
});

async function valuesOf(
  names: readonly string[],
  ask: (name: string) => Promise<readonly string[]>,
): Promise<Identities> {
  const known = IDENTITY_LABELS.filter((name) => names.includes(name));
  const values = await Promise.all(known.map(async (name) => [name, new Set(await ask(name))] as const));
  return new Map(values);
}
