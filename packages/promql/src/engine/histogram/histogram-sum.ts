/** Sums and means of many histograms, each number compensated for rounding; and what to say of them. */
import type { CounterResetHint } from "@binnacle/model";
import { CompensatedSum } from "../compensated-sum.ts";
import { combinedHint, scaleHistogram } from "./arithmetic.ts";
import { commonLayout, toLayout } from "./layout.ts";
import { compact, NO_BUCKETS, type Buckets, type NativeHistogram } from "./native-histogram.ts";

export class HistogramSum {
  #sum: NativeHistogram | undefined;
  /** What rounding lost, in the layout of the sum. */
  #lost: NativeHistogram | undefined;
  #count = 0;
  #isIncompatible = false;
  #isReconciled = false;
  #sawReset = false;
  #sawNotReset = false;
  #hint: CounterResetHint = "unknown";
  #movesMean = false;
  readonly #isMean: boolean;

  constructor(of: "sum" | "mean") {
    this.#isMean = of === "mean";
  }

  add(histogram: NativeHistogram): void {
    this.#count++;
    if (histogram.hint === "reset") this.#sawReset = true;
    if (histogram.hint === "not_reset") this.#sawNotReset = true;
    if (this.#isIncompatible) return;
    if (this.#sum === undefined || this.#lost === undefined) {
      this.#sum = histogram;
      this.#lost = {
        ...histogram,
        count: 0,
        sum: 0,
        zeroCount: 0,
        positive: NO_BUCKETS,
        negative: NO_BUCKETS,
      };
      this.#hint = histogram.hint;
      return;
    }
    this.#hint = combinedHint(this.#hint, histogram.hint).hint;
    const layout = commonLayout(this.#sum, histogram);
    if (layout === undefined) {
      this.#isIncompatible = true;
      return;
    }
    if (layout.isReconciled) this.#isReconciled = true;
    const added = toLayout(histogram, layout);
    let sum = toLayout(this.#sum, layout);
    let lost = toLayout(this.#lost, layout);
    if (this.#movesMean) {
      [sum, lost] = [scaleHistogram(sum, this.#weight), scaleHistogram(lost, this.#weight)];
      [this.#sum, this.#lost] = addCompensated(sum, lost, scaleHistogram(added, this.#count, "divide"));
      return;
    }
    const [nextSum, nextLost] = addCompensated(sum, lost, added);
    if (this.#isMean && overflows(nextSum) && !overflows(sum)) {
      // From here on the mean is moved, sample by sample, as the sum no longer fits a number.
      this.#movesMean = true;
      const before = this.#count - 1;
      [sum, lost] = [scaleHistogram(sum, before, "divide"), scaleHistogram(lost, before, "divide")];
      [sum, lost] = [scaleHistogram(sum, this.#weight), scaleHistogram(lost, this.#weight)];
      [this.#sum, this.#lost] = addCompensated(sum, lost, scaleHistogram(added, this.#count, "divide"));
      return;
    }
    [this.#sum, this.#lost] = [nextSum, nextLost];
  }

  /** What the mean so far weighs beside the next sample. */
  get #weight(): number {
    return (this.#count - 1) / this.#count;
  }

  get count(): number {
    return this.#count;
  }

  /** Exponential and custom buckets met: there is no sum. */
  get isIncompatible(): boolean {
    return this.#isIncompatible;
  }

  get isReconciled(): boolean {
    return this.#isReconciled;
  }

  get hasResetCollision(): boolean {
    return this.#sawReset && this.#sawNotReset;
  }

  /** The sum, or the mean, whichever was asked for. */
  get result(): NativeHistogram {
    return this.#isMean && !this.#movesMean
      ? scaleHistogram(this.#total, this.#count, "divide")
      : this.#total;
  }

  get #total(): NativeHistogram {
    const { sum, lost } = { sum: this.#sum!, lost: this.#lost! };
    return compact({
      ...sum,
      hint: this.#hint,
      count: total(sum.count, lost.count),
      sum: total(sum.sum, lost.sum),
      zeroCount: total(sum.zeroCount, lost.zeroCount),
      positive: totals(sum.positive, lost.positive),
      negative: totals(sum.negative, lost.negative),
    });
  }
}

function addCompensated(
  sum: NativeHistogram,
  lost: NativeHistogram,
  added: NativeHistogram,
): [NativeHistogram, NativeHistogram] {
  const positive = addBuckets(sum.positive, lost.positive, added.positive);
  const negative = addBuckets(sum.negative, lost.negative, added.negative);
  const count = addNumber(sum.count, lost.count, added.count);
  const total = addNumber(sum.sum, lost.sum, added.sum);
  const zero = addNumber(sum.zeroCount, lost.zeroCount, added.zeroCount);
  return [
    {
      ...sum,
      count: count.sum,
      sum: total.sum,
      zeroCount: zero.sum,
      positive: positive.sums,
      negative: negative.sums,
    },
    {
      ...lost,
      count: count.compensation,
      sum: total.compensation,
      zeroCount: zero.compensation,
      positive: positive.lost,
      negative: negative.lost,
    },
  ];
}

function isInfinite(value: number): boolean {
  return value === Infinity || value === -Infinity;
}

function overflows({ count, sum, zeroCount, positive, negative }: NativeHistogram): boolean {
  return (
    isInfinite(count) ||
    isInfinite(sum) ||
    isInfinite(zeroCount) ||
    positive.counts.some(isInfinite) ||
    negative.counts.some(isInfinite)
  );
}

function total(sum: number, lost: number): number {
  return Number.isFinite(sum) ? sum + lost : sum;
}

function totals(sums: Buckets, lost: Buckets): Buckets {
  const lostOf = new Map(lost.indexes.map((index, i) => [index, lost.counts[i]!]));
  return {
    indexes: sums.indexes,
    counts: sums.counts.map((count, i) => total(count, lostOf.get(sums.indexes[i]!) ?? 0)),
  };
}

function addNumber(sum: number, lost: number, added: number): CompensatedSum {
  const result = new CompensatedSum(sum);
  result.compensation = lost;
  result.add(added);
  return result;
}

function addBuckets(
  sums: Buckets,
  lost: Buckets,
  added: Buckets,
): { readonly sums: Buckets; readonly lost: Buckets } {
  const lostOf = new Map(lost.indexes.map((index, i) => [index, lost.counts[i]!]));
  const indexes: number[] = [];
  const counts: number[] = [];
  const compensations: number[] = [];
  let i = 0;
  let j = 0;
  while (i < sums.indexes.length || j < added.indexes.length) {
    const x = sums.indexes[i] ?? Infinity;
    const y = added.indexes[j] ?? Infinity;
    const index = Math.min(x, y);
    const result = addNumber(
      x <= y ? sums.counts[i++]! : 0,
      lostOf.get(index) ?? 0,
      y <= x ? added.counts[j++]! : 0,
    );
    indexes.push(index);
    counts.push(result.sum);
    compensations.push(result.compensation);
  }
  return { sums: { indexes, counts }, lost: { indexes, counts: compensations } };
}
