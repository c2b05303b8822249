/**
 * The HTTP API beside a real Prometheus's: the same requests to both, with the same configuration. What
 * Prometheus answers with, Binnacle has too, in the same places and of the same kind; what Prometheus
 * refuses, it refuses for the same reason.
 */
import { afterAll, beforeAll, expect, test } from "vitest";
import { scalar } from "../support/ask.ts";
import { startBinnacle, type RunningBinnacle } from "../support/binnacle.ts";
import { freePort, waitFor } from "../support/process.ts";
import { startPrometheus, type RunningPeer } from "../support/prometheus.ts";

let binnacle: RunningBinnacle;
let prometheus: RunningPeer;

beforeAll(async () => {
  const port = await freePort();
  const config = `global: {scrape_interval: 1s, scrape_timeout: 1s, external_labels: {site: here}}
scrape_configs:
  - job_name: seen
    static_configs: [{targets: ["127.0.0.1:${port}"]}]
  - job_name: dropped
    static_configs: [{targets: ["127.0.0.1:${port}"]}]
    relabel_configs: [{action: drop, source_labels: [__address__], regex: ".*"}]
alerting: {alertmanagers: [{static_configs: [{targets: ["127.0.0.1:1"]}]}]}
`;
  binnacle = await startBinnacle({ config, port });
  prometheus = await startPrometheus({
    config,
    flags: ["--web.enable-admin-api", "--enable-feature=exemplar-storage"],
  });
  for (const url of [binnacle.url, prometheus.url]) {
    await waitFor(async () => (await scalar(url, 'up{job="seen"}')) === 1, { what: `samples at ${url}` });
  }
});
afterAll(async () => {
  await prometheus?.stop();
  await binnacle?.stop();
});

interface Answer {
  readonly status: number;
  readonly type: string;
  readonly body: Record<string, unknown>;
}

async function get(url: string, path: string, method = "GET"): Promise<Answer> {
  const response = await fetch(`${url}${path}`, { method });
  const text = await response.text();
  const isJson = (response.headers.get("content-type") ?? "").startsWith("application/json");
  return {
    status: response.status,
    type: (response.headers.get("content-type") ?? "").split(";")[0]!,
    body: isJson ? (JSON.parse(text) as Record<string, unknown>) : { text },
  };
}

const both = (path: string, method?: string): Promise<[Answer, Answer]> =>
  Promise.all([get(binnacle.url, path, method), get(prometheus.url, path, method)]);

/** Fields of Go's runtime have no counterpart. */
const GO = new Set(["goroutineCount", "GOMAXPROCS", "GOMEMLIMIT", "GOGC", "GODEBUG"]);

/**
 * Where an answer lacks a field that the other has, or has another kind of value in it: paths to those
 * places.
 */
function lacks(ours: unknown, theirs: unknown, at = "$"): string[] {
  if (Array.isArray(theirs)) {
    if (!Array.isArray(ours)) return [`${at}: no list`];
    if (theirs.length === 0) return [];
    return ours.length === 0 ? [`${at}: empty`] : lacks(ours[0], theirs[0], `${at}[0]`);
  }
  if (typeof theirs === "object" && theirs !== null) {
    if (typeof ours !== "object" || ours === null) return [`${at}: no object`];
    return Object.entries(theirs)
      .filter(([name]) => !GO.has(name))
      .flatMap(([name, value]) =>
        Object.hasOwn(ours, name)
          ? lacks((ours as Record<string, unknown>)[name], value, `${at}.${name}`)
          : [`${at}.${name}: missing`],
      );
  }
  // null for an empty list or map is Go's own.
  return theirs === null || typeof ours === typeof theirs
    ? []
    : [`${at}: ${typeof ours}, not ${typeof theirs}`];
}

const encoded = (query: string): string => encodeURIComponent(query);
const RANGE = "start=1767323045&end=1767323105&step=15";

test.each([
  "/api/v1/query?query=1",
  `/api/v1/query?query=${encoded('up{job="seen"}')}&stats=all`,
  `/api/v1/query?query=${encoded('up{job="seen"}[1m]')}`,
  `/api/v1/query?query=${encoded('"text"')}`,
  `/api/v1/query?query=${encoded("rate(up[1m])")}`,
  `/api/v1/query_range?query=${encoded("vector(1)")}&${RANGE}&stats=true`,
  "/api/v1/query_exemplars?query=up",
  "/api/v1/query_exemplars?query=test&start=1767323045000&end=1767323045001",
  `/api/v1/format_query?query=${encoded("sum(up)by(job)")}`,
  "/api/v1/series?match[]=up&limit=1",
  "/api/v1/labels?limit=1",
  "/api/v1/label/job/values",
  "/api/v1/label/job/values?limit=1&match[]=up",
  "/api/v1/label/U__job/values",
  "/api/v1/scrape_pools",
  "/api/v1/targets?state=any&scrapePool=seen",
  "/api/v1/targets?state=active&scrapePool=seen",
  "/api/v1/targets?state=dropped",
  "/api/v1/targets/metadata?limit=1",
  `/api/v1/targets/metadata?metric=process_cpu_seconds_total&match_target=${encoded('{job="seen"}')}`,
  "/api/v1/metadata?limit=1&limit_per_metric=1&metric=process_open_fds",
  "/api/v1/metadata?metric=process_open_fds",
  "/api/v1/alertmanagers",
  "/api/v1/rules",
  "/api/v1/rules?group_limit=1",
  "/api/v1/alerts",
  "/api/v1/status/config",
  "/api/v1/status/runtimeinfo",
  "/api/v1/status/buildinfo",
  "/api/v1/status/tsdb?limit=3",
  "/api/v1/status/walreplay",
  "/api/v1/notifications",
])("%s has all that Prometheus answers with", async (path) => {
  const [ours, theirs] = await both(path);
  expect(ours.status, JSON.stringify(ours.body)).toBe(theirs.status);
  expect(ours.type).toBe(theirs.type);
  expect(lacks(ours.body, theirs.body)).toEqual([]);
});

test.each([
  ["/api/v1/query", /invalid parameter "query"/],
  [
    "/api/v1/query?query=up[",
    /invalid parameter "query": 1:4: parse error: unexpected end of input in duration/,
  ],
  ["/api/v1/query?query=up&time=x", /invalid parameter "time".*cannot parse "x" to a valid timestamp/],
  ["/api/v1/query?query=up&timeout=x", /invalid parameter "timeout": cannot parse "x" to a valid duration/],
  ["/api/v1/query?query=up&limit=-1", /invalid parameter "limit": limit must be non-negative/],
  ["/api/v1/query_range?query=up&start=2&end=1&step=1", /"end": end timestamp must not be before start time/],
  ["/api/v1/query_range?query=up&start=1&end=2&step=0", /"step": zero or negative query resolution step/],
  ["/api/v1/query_range?query=up&start=0&end=11001&step=1", /exceeded maximum resolution of 11,000 points/],
  ["/api/v1/query_exemplars?query=up[", /1:4: parse error/],
  ["/api/v1/format_query?query=up[", /invalid parameter "query": 1:4: parse error/],
  ["/api/v1/parse_query?query=up[", /invalid parameter "query": 1:4: parse error/],
  ["/api/v1/series", /no match\[\] parameter provided/],
  ["/api/v1/series?match[]=up[", /invalid parameter "match\[\]": 1:/],
  ["/api/v1/series?match[]={}", /must contain at least one non-empty matcher/],
  ["/api/v1/labels?start=x", /invalid parameter "start".*cannot parse "x" to a valid timestamp/],
  ["/api/v1/label/job/values?limit=-1", /limit must be non-negative/],
  ["/api/v1/rules?type=both", /invalid parameter "type": not supported value "both"/],
  ["/api/v1/rules?group_next_token=x", /group_limit needs to be present in order to paginate/],
  [
    "/api/v1/query?query=up%20%2B%20on(job)%20group_left()%20up%20%2F%20ignoring(instance)%20vector(1)%20%2B%20label_replace(up%2C%22job%22%2C%22%241%22%2C%22instance%22%2C%22(%22)",
    /./,
  ],
])("%s is refused as Prometheus refuses it", async (path, message) => {
  const [ours, theirs] = await both(path);
  expect(theirs.body.error, "Prometheus's own words").toMatch(message);
  expect(ours.body.error).toMatch(message);
  expect([ours.status, ours.type, ours.body.errorType]).toEqual([
    theirs.status,
    theirs.type,
    theirs.body.errorType,
  ]);
});

/** To the letter: status, type, errorType and words, with which methods a path has. */
const SAME: readonly (readonly [method: string, path: string, form?: string])[] = [
  ["GET", "/api/v1/query?query=1&time=now"],
  ["GET", "/api/v1/query?query=1&time="],
  ["GET", "/api/v1/query?query=1&timeout="],
  ["GET", "/api/v1/query?query=1&timeout=-1s"],
  ["GET", "/api/v1/query?query=1&timeout=1000000000000"],
  ["GET", "/api/v1/query?query=1&limit=abc"],
  ["GET", "/api/v1/query?query=1&limit=%2B3"],
  ["GET", "/api/v1/query?query=1&lookback_delta=x"],
  ["GET", "/api/v1/query?query=1&query=2"],
  ["POST", "/api/v1/query", ""],
  ["POST", "/api/v1/query", "query=1"],
  ["POST", "/api/v1/query?time=x", "query=1"],
  ["POST", "/api/v1/query", "query=up%5B"],
  ["PUT", "/api/v1/query?query=1"],
  ["DELETE", "/api/v1/query?query=1"],
  ["GET", "/api/v1/query_range?query=1"],
  ["GET", "/api/v1/query_range?query=1&start=0"],
  ["GET", "/api/v1/query_range?query=1&start=0&end=1"],
  ["GET", "/api/v1/query_range?query=1&start=x&end=1&step=1"],
  ["GET", "/api/v1/query_range?query=1&start=0&end=1&step=x"],
  ["GET", "/api/v1/query_range?query=1&start=0&end=5&step=1e30"],
  ["GET", "/api/v1/query_range?query=up[1m]&start=0&end=1&step=1"],
  ["GET", "/api/v1/query_range?query=%22a%22&start=0&end=1&step=1"],
  ["GET", "/api/v1/query_range?query=&start=0&end=1&step=1"],
  ["POST", "/api/v1/query_range", "query=1&start=0&end=5&step=1"],
  ["POST", "/api/v1/series", "match[]=nothing"],
  ["GET", "/api/v1/series?match[]=up&start=x"],
  ["GET", "/api/v1/series?match[]=up&limit=x"],
  ["POST", "/api/v1/labels", "match[]=nothing"],
  ["GET", "/api/v1/labels?match[]={}"],
  ["GET", "/api/v1/labels?limit=x"],
  ["GET", "/api/v1/label/__name__/values?match[]={}"],
  ["POST", "/api/v1/label/job/values", ""],
  ["GET", "/api/v1/metadata?limit=x"],
  ["GET", "/api/v1/metadata?limit_per_metric=x"],
  ["POST", "/api/v1/metadata", ""],
  ["GET", "/api/v1/targets/metadata?limit=x"],
  ["GET", "/api/v1/rules?group_limit=x"],
  ["GET", "/api/v1/rules?group_limit=-1"],
  ["GET", "/api/v1/rules?group_limit=1&group_next_token=x"],
  ["GET", "/api/v1/rules?exclude_alerts=x"],
  ["GET", "/api/v1/status/tsdb?limit=x"],
  ["GET", "/api/v1/status/tsdb?limit=0"],
  ["GET", "/api/v1/query_exemplars?query="],
  ["GET", "/api/v1/format_query"],
  ["POST", "/api/v1/format_query", "query=1%2B1"],
  ["GET", "/api/v1/parse_query?query="],
  ["POST", "/api/v1/admin/tsdb/snapshot?skip_head=x"],
  ["GET", "/api/v1/admin/tsdb/snapshot"],
  ["POST", "/api/v1/admin/tsdb/delete_series"],
  ["POST", "/api/v1/admin/tsdb/delete_series?match[]=nothing&start=5&end=1"],
  ["GET", "/api/v1/read"],
  ["GET", "/api/v1/write"],
  ["GET", "/api/v1/nothing"],
  ["GET", "/nothing/at/all"],
  ["POST", "/federate?match[]=up"],
  ["PUT", "/-/quit"],
];

test.for(SAME)("%s %s %s is answered with the same words", async ([method, path, form]) => {
  const answers = await Promise.all(
    [binnacle.url, prometheus.url].map(async (url) => {
      const body = form === undefined ? {} : { body: new URLSearchParams(form) };
      const response = await fetch(`${url}${path}`, { method, redirect: "manual", ...body });
      const text = await response.text();
      const { headers, status } = response;
      const type = headers.get("content-type") ?? "";
      const words = type.startsWith("application/json")
        ? (({ errorType, error, warnings }) => ({ errorType, error, warnings }))(JSON.parse(text))
        : text;
      return { status, type, words, allow: headers.get("allow") };
    }),
  );
  expect(answers[0]).toEqual(answers[1]);
});

test("what was built is said at /version, in Prometheus's fields", async () => {
  const [ours, theirs] = await Promise.all(
    [binnacle.url, prometheus.url].map(async (url) => {
      const response = await fetch(`${url}/version`);
      const fields = Object.keys((await response.json()) as object).sort();
      return [response.status, response.headers.get("content-type"), fields];
    }),
  );
  expect(ours).toEqual(theirs);
});

test.each(["gzip", "deflate", "zstd"])(
  "answers are compressed by %s where that is asked for",
  async (encoding) => {
    const path = `/api/v1/query_range?query=${encoded("vector(1)")}&start=0&end=9000&step=1`;
    const response = await fetch(binnacle.url + path, { headers: { "accept-encoding": encoding } });
    expect(response.headers.get("content-encoding")).toBe(encoding);
    expect(response.headers.get("vary")).toMatch(/accept-encoding/i);
    const { data } = (await response.json()) as { data: { result: { values: unknown[] }[] } };
    expect(data.result[0]!.values).toHaveLength(9001);
  },
);

test.each([
  'sum by (a) (rate(foo{b=~"x.+"}[5m] offset 1m)) / on (a) group_left (c) bar @ start() > bool 5',
  "-(1) ^ 2",
  "quantile(0.9, max_over_time(up[5m:1m] @ 12.5))",
  "foo[10m:] offset -1m",
  'label_replace(up, "a", "b", "c", "d")',
  'label_join(up, "a", "b", "c", "d")',
  "days_in_month()",
  "time() + 1h",
  '{a="b", c!="d"}',
  "a and ignoring (x) b",
  "NaN + Inf",
  "topk(3, up)",
])("the tree of %s is Prometheus's", async (query) => {
  const [ours, theirs] = await both(`/api/v1/parse_query?query=${encoded(query)}`);
  // What came after the Prometheus at hand.
  const newer = new Set(["anchored", "smoothed", "fillValues", "alignEvalTime"]);
  const withoutNewer = (_name: string, value: unknown): unknown =>
    typeof value === "object" && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).filter(([name]) => !newer.has(name)))
      : value;
  expect(JSON.parse(JSON.stringify(ours.body, withoutNewer))).toEqual(theirs.body);
});

/** An exposition's lines up to the value: samples of two scrapes differ in the rest. */
function seriesOf({ body }: Answer): string[] {
  return String(body.text)
    .split("\n")
    .map((line) => (line.startsWith("#") ? line : line.replace(/ .*/, "")));
}

test("federation gives what Prometheus gives, and refuses in plain text", async () => {
  const path = `/federate?match[]=${encoded('{__name__=~"up|scrape_.+",job="seen"}')}`;
  const [ours, theirs] = await both(path);
  expect(theirs.body.text).toContain('site="here"');
  expect(seriesOf(ours)).toEqual(seriesOf(theirs));
  const refused = await both("/federate?match[]=up[");
  for (const { status, type } of refused) expect([status, type]).toEqual([400, "text/plain"]);
});

test.each([
  "delete_series?match[]=nothing_of_this_name",
  "clean_tombstones",
  "snapshot",
  "snapshot?skip_head=true",
])("POST admin/tsdb/%s", async (path) => {
  const [ours, theirs] = await both(`/api/v1/admin/tsdb/${path}`, "POST");
  expect([ours.status, ours.type]).toEqual([theirs.status, theirs.type]);
  expect(lacks(ours.body, theirs.body)).toEqual([]);
});
