/** Compares an answer with what a script expects, and says in words where they differ. */
import { Labels } from "@binnacle/model";
import type { LogQueryValue } from "../engine/index.ts";
import type { Evaluation, Expectation, ExpectedLine, ExpectedSeries } from "./script.ts";

/** How far apart two numbers may be, relative to the larger. */
const TOLERANCE = 1e-6;

interface FoundSeries {
  readonly labels: Labels | undefined;
  readonly values: readonly (number | undefined)[];
}

/** Undefined when they agree. */
export function describeDifference(
  value: LogQueryValue,
  expectation: Expectation,
  evaluation: Evaluation,
): string | undefined {
  switch (expectation.kind) {
    case "fail":
      return `  expected a failure: ${expectation.text}\n  found: ${describeValue(value, evaluation)}`;
    case "empty":
      return isEmpty(value) ? undefined : `  expected nothing\n  found: ${describeValue(value, evaluation)}`;
    case "lines":
      return compareLines(value, expectation.lines, evaluation);
    default:
      return compareSeries(
        toSeries(value, evaluation),
        // A series that has no point at all is not in an answer.
        expectation.series.filter(({ values }) => values.some((point) => point !== undefined)),
        expectation.isOrdered,
      );
  }
}

function isEmpty(value: LogQueryValue): boolean {
  if (value.type === "streams") return value.streams.length === 0;
  if (value.type === "matrix") return value.series.length === 0;
  return value.type === "vector" && value.samples.length === 0;
}

function toSeries(value: LogQueryValue, evaluation: Evaluation): FoundSeries[] {
  if (value.type === "scalar") return [{ labels: undefined, values: [value.value] }];
  if (value.type === "vector")
    return value.samples.map((sample) => ({ labels: sample.labels, values: [sample.value] }));
  if (value.type === "streams" || evaluation.kind !== "range") return [];
  const { fromMs, toMs, stepMs } = evaluation;
  const count = Math.floor((toMs - fromMs) / stepMs) + 1;
  return value.series.map(({ labels, times, values }) => {
    const column: (number | undefined)[] = Array.from({ length: count }, () => undefined);
    times.forEach((timeMs, i) => {
      column[Math.round((timeMs - fromMs) / stepMs)] = values[i];
    });
    return { labels, values: column };
  });
}

function compareSeries(
  found: readonly FoundSeries[],
  expected: readonly ExpectedSeries[],
  isOrdered: boolean,
): string | undefined {
  const report = (reason: string): string =>
    `  ${reason}\n  found:\n${found.map(describeSeries).join("\n")}\n  expected:\n${expected.map(describeSeries).join("\n")}`;
  if (found.length !== expected.length) return report(`${found.length} series, expected ${expected.length}`);
  for (let i = 0; i < expected.length; i++) {
    const wanted = expected[i]!;
    const match = isOrdered ? found[i]! : found.find((series) => sameLabels(series.labels, wanted.labels));
    if (match === undefined || !sameLabels(match.labels, wanted.labels)) {
      return report(
        `no series ${wanted.labels?.toString() ?? "(a scalar)"}${isOrdered ? ` at place ${i + 1}` : ""}`,
      );
    }
    const length = Math.max(match.values.length, wanted.values.length);
    for (let k = 0; k < length; k++) {
      if (!sameValue(match.values[k], wanted.values[k])) {
        return report(`${String(match.values[k])} at step ${k}, expected ${String(wanted.values[k])}`);
      }
    }
  }
  return undefined;
}

function sameLabels(a: Labels | undefined, b: Labels | undefined): boolean {
  // A number stands also for the series without labels that it becomes in a range.
  return (a ?? Labels.EMPTY).equals(b ?? Labels.EMPTY);
}

function sameValue(a: number | undefined, b: number | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  if (Object.is(a, b) || a === b) return true;
  return Math.abs(a - b) <= TOLERANCE * Math.max(Math.abs(a), Math.abs(b));
}

function describeSeries({ labels, values }: FoundSeries): string {
  return `    ${labels?.toString() ?? "(scalar)"} ${values.map((value) => value ?? "_").join(" ")}`;
}

function compareLines(
  value: LogQueryValue,
  expected: readonly ExpectedLine[],
  evaluation: Evaluation,
): string | undefined {
  let found = toLines(value, evaluation);
  let wanted = expected.map(({ labels, line, offsetMs }) => describeLine(labels, line, offsetMs));
  if (evaluation.kind === "lines" && evaluation.isByStream)
    [found, wanted] = [byStream(found), byStream(wanted)];
  if (found.length === wanted.length && found.every((line, i) => line === wanted[i])) return undefined;
  return `  found:\n${found.join("\n")}\n  expected:\n${wanted.join("\n")}`;
}

function streamOf(line: string): string {
  return line.slice(0, line.indexOf("} `"));
}

/** Stream after stream, and the lines of each in their order. */
function byStream(lines: readonly string[]): string[] {
  return lines.toSorted((a, b) => (streamOf(a) < streamOf(b) ? -1 : Number(streamOf(a) > streamOf(b))));
}

/** Lines of all streams in the order of time; those at one time in the order of their streams. */
function toLines(value: LogQueryValue, evaluation: Evaluation): string[] {
  if (value.type !== "streams") return [];
  const isBackward = evaluation.kind === "lines" && evaluation.direction === "backward";
  const all = value.streams.flatMap(({ labels, entries }) =>
    entries.map(({ timeNs, line }) => ({ labels, timeNs, line })),
  );
  if (evaluation.kind === "lines" && evaluation.isInAnswersOrder) return describe(all);
  all.sort((a, b) => {
    const order = a.timeNs < b.timeNs ? -1 : a.timeNs > b.timeNs ? 1 : 0;
    return isBackward ? -order : order;
  });
  return describe(all);
}

function describe(
  lines: readonly { readonly labels: Labels; readonly timeNs: bigint; readonly line: Uint8Array }[],
): string[] {
  return lines.map(({ labels, timeNs, line }) =>
    describeLine(labels, Buffer.from(line).toString("utf8"), Number(timeNs) / 1e6),
  );
}

function describeLine(labels: Labels, line: string, offsetMs: number): string {
  return `    ${labels.toString()} \`${line}\` @ ${offsetMs}ms`;
}

function describeValue(value: LogQueryValue, evaluation: Evaluation): string {
  const lines =
    value.type === "streams" ? toLines(value, evaluation) : toSeries(value, evaluation).map(describeSeries);
  return `\n${lines.join("\n")}`;
}
