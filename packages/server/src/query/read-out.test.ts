/** What leaves the store in other forms than an answer to a query: federation and remote read. */
import { type Histogram, Labels, type Matcher, QueryContext } from "@binnacle/model";
import { MemorySource, type SampleValue } from "@binnacle/promql";
import { snappyDecompress } from "@binnacle/wire";
import { expect, test } from "vitest";
import { federate, type ExpositionFormat } from "./federate.ts";
import { remoteRead } from "./remote-read.ts";

const NOW_MS = 1_767_323_045_500;

const HISTOGRAM: Histogram = {
  schema: 0,
  isInteger: true,
  counterResetHint: "unknown",
  count: 1,
  sum: 1,
  zeroThreshold: 0,
  zeroCount: 0,
  positiveSpans: [{ offset: 0, length: 1 }],
  positiveCounts: Float64Array.of(1),
  negativeSpans: [],
  negativeCounts: new Float64Array(0),
  customBounds: undefined,
};

/** Series by their labels, samples as [seconds before now, value]. */
function sourceOf(
  series: readonly (readonly [labels: Record<string, string>, ...(readonly [number, SampleValue])[]])[],
): MemorySource {
  const source = new MemorySource();
  for (const [labels, ...samples] of series) {
    const all = samples.map(([ageS, value]) => ({ timeMs: NOW_MS - ageS * 1000, value, startMs: 0 }));
    source.append(Labels.fromObject(labels), all);
  }
  return source;
}

const ALL: readonly Matcher[] = [{ name: "__name__", op: "=~", value: ".+" }];
const TEXT: ExpositionFormat = { dialect: "text", allowsUtf8: false };

function expose(source: MemorySource, format: ExpositionFormat = TEXT, selectors = [ALL]): Promise<string> {
  return federate(
    {
      selectors,
      timeMs: NOW_MS,
      lookbackDeltaMs: 300_000,
      externalLabels: { site: "here", job: "not this" },
      format,
    },
    source,
    new QueryContext(),
  );
}

test("federation: the newest samples in families, external labels where there are none", async () => {
  const source = sourceOf([
    [{ __name__: "b", job: "x" }, [60, 1], [10, 1.5]],
    [{ __name__: "a", instance: "i" }, [0, Infinity]],
    [{ __name__: "b" }, [299, -0]],
    [{ __name__: "b", job: "old" }, [300, 1]],
    [{ __name__: "b", job: "gone" }, [20, 1], [5, "stale"]],
    [{ __name__: "b", job: "histogram" }, [5, HISTOGRAM]],
  ]);
  expect(await expose(source)).toBe(
    [
      "# TYPE a untyped",
      `a{instance="i",job="not this",site="here"} +Inf ${NOW_MS}`,
      "# TYPE b untyped",
      `b{instance="",job="not this",site="here"} -0 ${NOW_MS - 299_000}`,
      `b{instance="",job="x",site="here"} 1.5 ${NOW_MS - 10_000}`,
      "",
    ].join("\n"),
  );
});

test("federation: a series that several selectors find is there once; no selector finds nothing", async () => {
  const source = sourceOf([[{ __name__: "a" }, [0, 1]]]);
  expect((await expose(source, TEXT, [ALL, ALL])).match(/^a\{/gm)).toHaveLength(1);
  expect(await expose(source, TEXT, [])).toBe("");
});

test.each<[ExpositionFormat, string]>([
  [TEXT, `# TYPE http_a untyped\nhttp_a{_b_c="q\\"\\\\\\n",instance="",job="j",site="here"} 1 ${NOW_MS}\n`],
  [
    { dialect: "text", allowsUtf8: true },
    `# TYPE "http.a" untyped\n{"http.a","1b é"="q\\"\\\\\\n",instance="",job="j",site="here"} 1 ${NOW_MS}\n`,
  ],
  [
    { dialect: "openmetrics", allowsUtf8: false },
    `# TYPE http_a unknown\nhttp_a{_b_c="q\\"\\\\\\n",instance="",job="j",site="here"} 1 1767323045.500\n# EOF\n`,
  ],
])("federation: names and texts that need escaping, as %j", async (format, text) => {
  const label = format.allowsUtf8 ? "1b é" : "1b.c";
  const source = sourceOf([[{ __name__: "http.a", [label]: 'q"\\\n', job: "j" }, [0, 1]]]);
  expect(await expose(source, format)).toBe(text);
});

const QUERY = { startMs: NOW_MS - 60_000, endMs: NOW_MS, matchers: ALL };
const read = (source: MemorySource, accepted: ("samples" | "streamed_xor_chunks")[], matchers = ALL) =>
  remoteRead(
    { queries: [{ ...QUERY, matchers }], accepted, externalLabels: { site: "here" } },
    source,
    new QueryContext(),
  );

test("remote read: in the form the reader likes best; histograms as samples, if it takes those", async () => {
  const floats = sourceOf([[{ __name__: "a" }, [0, 1]]]);
  const histograms = sourceOf([[{ __name__: "a" }, [0, HISTOGRAM]]]);
  expect((await read(floats, ["streamed_xor_chunks", "samples"])).type).toBe("streamed_xor_chunks");
  expect((await read(floats, ["samples", "streamed_xor_chunks"])).type).toBe("samples");
  expect((await read(histograms, ["streamed_xor_chunks", "samples"])).type).toBe("samples");
  await expect(read(histograms, ["streamed_xor_chunks"])).rejects.toMatchObject({
    code: "EXECUTION_ERROR",
    message: expect.stringContaining("SAMPLES"),
  });
});

test("remote read: external labels are given to each series, and matchers that name them hold", async () => {
  const source = sourceOf([
    [{ __name__: "a", site: "own" }, [0, 1]],
    [{ __name__: "b" }, [0, 1]],
  ]);
  const texts = async (value: string): Promise<string> => {
    const matchers: Matcher[] = [...ALL, { name: "site", op: "=", value }];
    return Buffer.from(snappyDecompress((await read(source, ["samples"], matchers)).bytes)).toString(
      "latin1",
    );
  };
  const here = await texts("here");
  expect(here).toContain("own");
  expect(here).toContain("here");
  expect(await texts("own")).not.toContain("here");
  expect(await texts("there")).not.toContain("__name__");
});
