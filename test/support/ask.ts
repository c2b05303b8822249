/** Short forms of the questions that tests put to a running server. */

export interface VectorSample {
  readonly metric: Record<string, string>;
  readonly value: readonly [number, string];
}

export interface LogStream {
  readonly stream: Record<string, string>;
  readonly values: readonly (readonly [string, string])[];
}

/** An instant PromQL query's vector. Throws with the server's own words when it refuses. */
export async function promql(url: string, query: string): Promise<readonly VectorSample[]> {
  return (await ask<{ result: VectorSample[] }>(`${url}/api/v1/query?query=${encodeURIComponent(query)}`))
    .result;
}

/** The value of an instant query that gives one sample; undefined where it gives none. */
export async function scalar(url: string, query: string): Promise<number | undefined> {
  const [sample] = await promql(url, query);
  return sample === undefined ? undefined : Number(sample.value[1]);
}

/** Lines of the last hour, the newest first. */
export async function logql(
  url: string,
  query: string,
  params: Readonly<Record<string, string>> = {},
): Promise<readonly LogStream[]> {
  const all = new URLSearchParams({ query, ...params });
  return (await ask<{ result: LogStream[] }>(`${url}/loki/api/v1/query_range?${all.toString()}`)).result;
}

/** The `data` of an envelope. */
export async function ask<T>(url: string): Promise<T> {
  const response = await fetch(url);
  const text = await response.text();
  if (!response.ok) throw new Error(`${url}: ${response.status} ${text}`);
  return (JSON.parse(text) as { data: T }).data;
}
