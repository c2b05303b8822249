/** Cutting and joining against the same done point by point. */
import { Labels, NO_SAMPLES, seededRandom, type Random, type ResultSeries } from "@binnacle/model";
import { expect, test } from "vitest";
import { timeAt, type StepGrid } from "../engine/grid.ts";
import { bytesOf, cut, join, type Extent } from "./extent.ts";

const GRID: StepGrid = { startMs: 1000, stepMs: 10, count: 40 };

/** Some series are whole, some have gaps, some end or begin within. */
function randomExtent(random: Random): Extent {
  const all = Float64Array.from({ length: GRID.count }, (_, step) => timeAt(GRID, step));
  const series: ResultSeries[] = [];
  for (let i = 0; i < 6; i++) {
    const share = [1, 1, 0.5, 0.1][random.below(4)]!;
    const from = random.below(3) === 0 ? random.below(GRID.count) : 0;
    const times = share === 1 && from === 0 ? all : all.filter((_, k) => k >= from && random.next() < share);
    if (times.length === 0) continue;
    const labels = Labels.fromObject({ i: String(i) });
    const values = times.map(() => random.next());
    series.push({ labels, times, values, histogramTimes: NO_SAMPLES, histograms: [] });
  }
  return { grid: GRID, series };
}

function points({ series }: Extent): Record<string, readonly string[]> {
  return Object.fromEntries(
    series.map(({ labels, times, values }) => [
      labels.toString(),
      Array.from(times, (time, i) => `${time}:${values[i]}`),
    ]),
  );
}

test("parts hold the points of their steps, and joined they are the whole again", () => {
  for (let seed = 1; seed <= 300; seed++) {
    const random = seededRandom(seed);
    const whole = randomExtent(random);
    const bounds = [0, random.below(41), random.below(41), 40].sort((a, b) => a - b);
    const parts: Extent[] = [];
    for (let i = 1; i < bounds.length; i++) {
      const [from, to] = [bounds[i - 1]!, bounds[i]!];
      const part = cut(whole, from, to);
      const naive = Object.fromEntries(
        Object.entries(points(whole))
          .map(([name, all]): [string, string[]] => [
            name,
            all.filter((point) => {
              const step = (Number(point.split(":")[0]) - 1000) / 10;
              return step >= from && step < to;
            }),
          ])
          .filter(([, kept]) => kept.length > 0),
      );
      expect(points(part), `seed ${seed}`).toEqual(naive);
      expect(part.grid).toEqual({ startMs: 1000 + from * 10, stepMs: 10, count: to - from });
      if (to > from) parts.push(part);
    }
    const again = join(parts);
    expect(points(again), `seed ${seed}`).toEqual(points(whole));
    expect(again.grid).toEqual(GRID);
    expect(again.series.map(({ labels }) => labels.get("i"))).toEqual(
      again.series.map(({ labels }) => labels.get("i")).toSorted(),
    );
  }
});

test("times that series share are counted once, and stay shared", () => {
  const random = seededRandom(4);
  const all = Float64Array.from({ length: 40 }, (_, step) => timeAt(GRID, step));
  const series = Array.from({ length: 3 }, (_, i): ResultSeries => {
    const labels = Labels.fromObject({ i: String(i) });
    return {
      labels,
      times: all,
      values: all.map(() => random.next()),
      histogramTimes: NO_SAMPLES,
      histograms: [],
    };
  });
  const whole: Extent = { grid: GRID, series };
  const one = bytesOf({ grid: GRID, series: series.slice(0, 1) });
  expect(bytesOf(whole)).toBe(3 * one - 2 * all.byteLength);
  const again = join([cut(whole, 0, 7), cut(whole, 7, 40)]);
  expect(new Set(again.series.map(({ times }) => times)).size).toBe(1);
});
